// A server of revision 2026-07-28 on the TypeScript SDK, over stdio or HTTP: what client_tour needs to meet.
// Run it from a folder whose node_modules holds @modelcontextprotocol/server and zod:
//   node modern_server.mjs [--reject-session] [--http]

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

// The packages are found from the working directory, wherever this file lies.
const require = createRequire(path.join(process.cwd(), 'package.json'));
const load = name => import(pathToFileURL(require.resolve(name)).href);
const { McpServer, createMcpHandler, ResourceTemplate, acceptedContent, completable, createRequestStateCodec, inputRequired } =
    (m => m.default ?? m)(await load('@modelcontextprotocol/server'));
const { serveStdio } = (m => m.default ?? m)(await load('@modelcontextprotocol/server/stdio'));
const { z } = (m => m.default ?? m)(await load('zod'));

const state = createRequestStateCodec({ key: randomBytes(32) });
const text = value => ({ content: [{ type: 'text', text: value }] });

function build() {
    const server = new McpServer(
        { name: 'modern_server', version: '1.0.0' },
        {
            capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, logging: {} },
            instructions: 'A server for tests.',
            requestState: { verify: state.verify }
        }
    );

    server.registerTool(
        'add',
        {
            description: 'Adds two numbers',
            inputSchema: z.object({ a: z.number(), b: z.number() }),
            outputSchema: z.object({ sum: z.number() }),
            annotations: { readOnlyHint: true }
        },
        async ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } })
    );

    server.registerTool('count', { description: 'Reports progress', inputSchema: z.object({}) }, async (_, ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        for (let i = 1; i <= 3 && progressToken !== undefined; ++i) {
            await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: i, total: 3 } });
        }
        return text('counted');
    });

    server.registerTool('confirm', { description: 'Asks twice', inputSchema: z.object({}) }, async (_, ctx) => {
        const answers = ctx.mcpReq.inputResponses;
        const seen = ctx.mcpReq.requestState() ?? {};
        const name = acceptedContent(answers, 'name')?.name ?? seen.name;
        if (name === undefined) {
            return inputRequired({
                inputRequests: {
                    name: inputRequired.elicit({
                        message: 'What is your name?',
                        requestedSchema: z.object({ name: z.string() })
                    })
                },
                requestState: await state.mint({ step: 1 })
            });
        }
        const sure = acceptedContent(answers, 'sure');
        if (sure === undefined) {
            return inputRequired({
                inputRequests: {
                    sure: inputRequired.elicit({
                        message: `Sure, ${name}?`,
                        requestedSchema: z.object({ sure: z.boolean() })
                    }),
                    roots: inputRequired.listRoots(),
                    model: inputRequired.createMessage({
                        maxTokens: 10,
                        messages: [{ role: 'user', content: { type: 'text', text: 'Say something.' } }]
                    })
                },
                requestState: await state.mint({ name })
            });
        }
        return text(`${name}: ${sure.sure}, ${answers.roots.roots.length} roots, model ${answers.model.model}`);
    });

    server.registerTool('shrug', { description: 'Asks for nothing but another try', inputSchema: z.object({}) }, async (_, ctx) => {
        const seen = ctx.mcpReq.requestState();
        if (seen === undefined) return inputRequired({ requestState: await state.mint({ again: true }) });
        return text('second try');
    });

    server.registerTool('change', { description: 'Changes the tools and a resource', inputSchema: z.object({}) }, async () => {
        server.registerTool(`extra-${Date.now()}`, { inputSchema: z.object({}) }, async () => text('extra'));
        server.server.sendToolListChanged();
        await server.server.sendResourceUpdated({ uri: 'test://note' });
        return text('changed');
    });

    server.registerResource('note', 'test://note', { mimeType: 'text/plain' }, async uri => ({
        contents: [{ uri: uri.href, text: 'a note' }]
    }));
    server.registerResource('item', new ResourceTemplate('test://items/{id}', { list: undefined }), {}, async uri => ({
        contents: [{ uri: uri.href, text: 'an item' }]
    }));
    server.registerPrompt(
        'greet',
        { argsSchema: z.object({ name: completable(z.string(), value => ['Ann', 'Bob'].filter(n => n.startsWith(value))) }) },
        ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }] })
    );
    return server;
}

const reject = process.argv.includes('--reject-session');
const onerror = error => console.error(error.message);
if (process.argv.includes('--http')) {
    serveHttp(createMcpHandler(build, { legacy: reject ? 'reject' : 'stateless', onerror }));
} else {
    serveStdio(build, { legacy: reject ? 'reject' : 'serve', onerror });
}

/// Serves on the loopback interface (PORT, or any that is free) and prints the URL. With the folder
/// CERTIFICATES over TLS, for clients that show a certificate of its authority.
function serveHttp(handler) {
    const certificates = process.env.CERTIFICATES;
    const file = name => readFileSync(path.join(certificates, name));
    const listen = certificates === undefined ? createServer : listener => createTlsServer({
        key: file('server.key'), cert: file('server.pem'), ca: file('authority.pem'),
        requestCert: true, rejectUnauthorized: true
    }, listener);
    const server = listen(async (incoming, outgoing) => {
        const chunks = [];
        for await (const chunk of incoming) chunks.push(chunk);
        const gone = new AbortController();
        outgoing.on('close', () => gone.abort());
        const response = await handler.fetch(
            new Request(`http://${incoming.headers.host}${incoming.url}`, {
                method: incoming.method,
                headers: incoming.headers,
                body: chunks.length > 0 ? Buffer.concat(chunks) : undefined,
                signal: gone.signal
            })
        );
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        if (response.body) for await (const chunk of response.body) outgoing.write(chunk);
        outgoing.end();
    });
    server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
        console.log(`${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${server.address().port}/mcp`);
    });
}
