// node http_tours.mjs CLIENT_TOUR
//
// Our client against servers of others, over HTTP: Streamable HTTP of the session era, HTTP+SSE of
// 2024-11-05, and both eras of the TypeScript SDK 2.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const tour = path.resolve(process.argv[2]);
const here = import.meta.dirname;
const everything = path.join(
    here, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const work = mkdtempSync(path.join(os.tmpdir(), 'fairlead-http-tours.'));
const theArguments = path.join(work, 'everything.json');
writeFileSync(theArguments, JSON.stringify({
    'gzip-file-as-resource': {
        name: 'a.txt.gz', data: 'data:text/plain,hello', outputType: 'resource'
    },
    'trigger-long-running-operation': { duration: 1, steps: 4 },
    'resource-prompt': { resourceType: 'Text', resourceId: '1' }
}));

const freePort = () => new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address();
        probe.close(() => resolve(port));
    });
});

/// Starts a server and waits until `ready` stands in what it says.
async function start(args, port, ready, environment) {
    const child = spawn(process.execPath, args, {
        cwd: here, env: { ...process.env, PORT: String(port), ...environment }, stdio: ['ignore', 'pipe', 'pipe']
    });
    await new Promise((resolve, reject) => {
        let said = '';
        const listen = chunk => {
            said += chunk;
            if (said.includes(ready)) resolve();
        };
        child.stdout.on('data', listen);
        child.stderr.on('data', listen);
        child.on('exit', () => reject(new Error(`${args} ended: ${said}`)));
    });
    return child;
}

let failures = 0;
async function visit(name, args, ready, place, flags = [], environment = {}) {
    const port = await freePort();
    const server = await start(args, port, ready, environment);
    const scheme = environment.CERTIFICATES === undefined ? 'http' : 'https';
    const run = spawnSync(tour, [...flags, `${scheme}://127.0.0.1:${port}${place}`], {
        encoding: 'utf8', timeout: 120_000
    });
    server.kill();
    if (run.status === 0) {
        console.log(`${name.padEnd(24)} ${run.stdout.trim().split('\n').at(-1)}`);
    } else {
        ++failures;
        console.log(`${run.stdout}${run.stderr}${name}: FAILED`);
    }
}

const withArguments = ['--listen', '--arguments', theArguments];
await visit('everything, streamable', [everything, 'streamableHttp'], 'listening on port', '/mcp',
    withArguments);
await visit('everything, old SSE', [everything, 'sse'], 'running on port', '/sse', withArguments);
const modern = path.join(here, 'modern_server.mjs');
await visit('modern, stateless', [modern, '--http', '--reject-session'], 'http://', '/mcp',
    ['--listen']);
await visit('modern, session', [modern, '--http'], 'http://', '/mcp',
    ['--era', 'session', '--may-fail', 'confirm,shrug,change']);
const certificates = path.join(here, '../http_client/certificates');
await visit('modern, mutual TLS', [modern, '--http'], 'https://', '/mcp',
    ['--ca', path.join(certificates, 'authority.pem'),
        '--certificate', path.join(certificates, 'client.pem'),
        '--key', path.join(certificates, 'client.key')],
    { CERTIFICATES: certificates });
rmSync(work, { recursive: true });
process.exit(failures === 0 ? 0 : 1);
