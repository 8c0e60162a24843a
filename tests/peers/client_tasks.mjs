// Our client sees calls to their end that servers make tasks: the reference server's, in the tasks of
// 2025-11-25, over stdio and HTTP, and our own server's, in those of 2026-07-28.
// usage: node client_tasks.mjs PATH-OF-FAIRLEAD PATH-OF-EVERYTHING-SERVER
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { check, finish } from './check.mjs';

const [fairlead, ours] = process.argv.slice(2);
const everything = join(dirname(fileURLToPath(import.meta.url)),
  'node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const children = [];
process.on('exit', () => children.forEach((child) => child.kill()));

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
async function serving(command, args, port, ready) {
  const child = spawn(command, args, {
    env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.includes(ready)) break;
  }
  child.stderr.resume();
  return `http://127.0.0.1:${port}/mcp`;
}
const call = async (server, tool, args) => (await promisify(execFile)(
  fairlead, ['call', server, tool, JSON.stringify(args)], { timeout: 60_000 },
).catch((error) => error)).stdout;

const research = ['simulate-research-query', { topic: 'anchors', ambiguous: false }];
await check('reference server, stdio: a tool that needs a task', async (assert) => {
  assert.match(await call(`${process.execPath} ${everything}`, ...research), /# Research Report: anchors/);
});
let port = await freePort();
const reference = await serving(process.execPath, [everything, 'streamableHttp'], port, 'listening');
await check('reference server, HTTP: the same', async (assert) => {
  assert.match(await call(reference, ...research), /# Research Report: anchors/);
});
port = await freePort();
const own = await serving(ours, ['--port', String(port)], port, 'listening');
await check('our server, HTTP: it decides which calls are tasks', async (assert) => {
  assert.equal(await call(own, 'slow_compute', { seconds: 1, label: 'pi' }), 'Computed pi\n');
  assert.equal(await call(own, 'greet', { name: 'Ada' }), 'Hello, Ada!\n');
});
await check('our server, HTTP: a task that fails', async (assert) => {
  assert.match(await call(own, 'failing_job', {}), /The job failed/);
});
finish();
