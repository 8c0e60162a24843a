// The MCP Inspector's command line lists and calls the database server's tools: over stdio and
// Streamable HTTP in both eras, and over the transport of 2024-11-05.
// usage: node inspector.mjs PATH-OF-MCP-SERVER-DATABASE [http|sse]
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { check, finish } from './check.mjs';
import { inspector } from './inspect.mjs';

const run = promisify(execFile);
const [server, over] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'fairlead-inspector-'));
const database = join(folder, 'shop.db');
await run(server, ['--make-sample', database]);

// What the Inspector is told of the server: its command, or its address once it listens.
let listening;
async function target() {
  if (!over) return [server, database];
  listening = spawn(server, [database, '--http', '127.0.0.1:0', '--legacy-sse'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: listening.stderr })) {
    const url = line.match(/listening on (\S+)/)?.[1];
    if (url) return [over === 'sse' ? url.replace(/mcp$/, 'sse') : url, '--transport', over];
  }
  throw new Error('the server does not listen');
}
const where = await target();

const inspect = inspector(where);

for (const era of over === 'sse' ? ['legacy'] : ['legacy', 'modern']) {
  await check(`${era}: the negotiated revision`, async (assert) => {
    const result = await inspect(era, '--method', 'initialize');
    assert.match(JSON.stringify(result), era === 'modern' ? /2026-07-28/ : /2025-11-25/);
  });
  await check(`${era}: tools/list, strictly checked`, async (assert) => {
    const { tools } = await inspect(era, '--method', 'tools/list', '--strict');
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['query_database', 'list_tables', 'describe_table'],
    );
  });
  await check(`${era}: tools/call query_database`, async (assert) => {
    const result = await inspect(
      era, '--method', 'tools/call', '--tool-name', 'query_database',
      '--tool-args-json', '{"sql": "SELECT 6 * ? AS answer", "params": [7]}',
    );
    assert.deepEqual(result.structuredContent.rows, [[42]]);
  });
  await check(`${era}: a write is refused with a hint`, async (assert) => {
    const result = await inspect(
      era, '--method', 'tools/call', '--tool-name', 'query_database',
      '--tool-args-json', '{"sql": "DELETE FROM orders"}',
    ).catch((error) => JSON.parse(error.stdout));
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /--write/);
  });
  await check(`${era}: resources and prompts`, async (assert) => {
    const { resources } = await inspect(era, '--method', 'resources/list');
    assert.equal(resources[0].uri, 'db://schema');
    const { contents } = await inspect(era, '--method', 'resources/read', '--uri', 'db://schema');
    assert.match(contents[0].text, /CREATE TABLE/);
    const { prompts } = await inspect(era, '--method', 'prompts/list');
    assert.equal(prompts[0].name, 'explore_database');
  });
}
if (listening) {
  const ended = new Promise((resolve) => listening.on('exit', resolve));
  listening.kill('SIGTERM');
  await check('SIGTERM ends the server in order', async (assert) => assert.equal(await ended, 0));
}
rmSync(folder, { recursive: true });
finish();
