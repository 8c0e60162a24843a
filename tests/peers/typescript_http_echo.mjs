// The TypeScript SDK's echo server, the peer of the HTTP table.
//   typescript_http_echo.mjs session|stateless json|sse
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server';
import { z } from 'zod';

const [era, form] = process.argv.slice(2);

function echo() {
  const server = new McpServer({ name: 'echo', version: '1.0.0' });
  server.registerTool(
    'echo',
    { description: 'Echoes its text', inputSchema: z.object({ text: z.string() }) },
    async ({ text }) => ({ content: [{ type: 'text', text }] }),
  );
  return server;
}

const sessions = new Map();
async function withSessions(request, response) {
  let transport = sessions.get(request.headers['mcp-session-id']);
  if (!transport) {
    transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: form === 'json',
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    await echo().connect(transport);
  }
  await transport.handleRequest(request, response);
}

const handle =
  era === 'session' ? withSessions : toNodeHandler(createMcpHandler(echo, { responseMode: form }));
const server = createServer((request, response) => handle(request, response));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  console.log(`http://127.0.0.1:${server.address().port}/mcp`),
);
