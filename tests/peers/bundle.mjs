// The bundle of a server for desktop clients: valid for the tool of those who defined it, and what
// it unpacks to runs as that tool's library says that a client starts it.
// usage: bundle.mjs filesystem|websearch SERVER_PROGRAM
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { getMcpConfigForManifest } from '@anthropic-ai/mcpb';

import { check, finish } from './check.mjs';

const [kind, program] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const mcpb = join(here, 'node_modules/.bin/mcpb');
const folder = mkdtempSync(join(tmpdir(), 'fairlead-bundle-test-'));
const bundle = join(folder, `fairlead-${kind}.mcpb`);
const unpacked = join(folder, 'unpacked');
const manifest = () => JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8'));
const directories = [join(folder, 'one'), join(folder, 'two words')];
directories.forEach((each) => mkdirSync(each));

// Starts the server as a desktop client whose user chose `userConfig`, lists its tools and makes
// one call; gives the tools and the call's text.
async function asked(userConfig, name, args) {
  const { command, args: options, env } = await getMcpConfigForManifest({
    manifest: manifest(), extensionPath: unpacked, systemDirs: {}, userConfig, pathSeparator: '/',
  });
  const request = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const { stdout } = spawnSync(command, options, {
    encoding: 'utf8',
    env: { HOME: folder, ...env },
    input: `${request(1, 'initialize', {
      protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'peer', version: '1' },
    })}\n${request(2, 'tools/list', {})}\n${request(3, 'tools/call', { name, arguments: args })}\n`,
  });
  const answers = stdout.trim().split('\n').map((line) => JSON.parse(line));
  const result = (wanted) => answers.find(({ id }) => id === wanted).result;
  return { tools: result(2).tools, text: result(3).content[0].text };
}
const named = (tools) => tools.map(({ name, description }) => ({ name, description }));

await check('the bundle is packed', () => {
  execFileSync(process.execPath, [
    join(here, '../../servers/pack_bundle.mjs'),
    join(here, '../../servers', kind, 'bundle/manifest.json'), program, folder,
    'https://downloads.example.com/v1',
  ], { env: { ...process.env, MCPB: `${process.execPath} ${mcpb}` } });
});
await check('and unpacks to a valid manifest', (assert) => {
  execFileSync(process.execPath, [mcpb, 'unpack', bundle, unpacked]);
  const validated = spawnSync(process.execPath, [mcpb, 'validate', join(unpacked, 'manifest.json')],
    { encoding: 'utf8' });
  assert.equal(validated.status, 0, validated.stdout + validated.stderr);
  assert.match(validated.stdout, /Manifest schema validation passes/);
});
if (kind === 'filesystem') {
  await check('it serves several directories, and only reads unless it is told otherwise', async (assert) => {
    const reading = await asked({ directories }, 'list_allowed_directories', {});
    assert.ok(reading.tools.every(({ annotations }) => annotations.readOnlyHint));
    assert.equal(reading.text, `Allowed directories:\n${directories.join('\n')}`);
    const writing = await asked({ directories, read_only: false }, 'list_allowed_directories', {});
    assert.ok(writing.tools.some(({ name }) => name === 'write_file'));
    assert.deepEqual(manifest().tools, named(writing.tools));
  });
} else {
  await check('it runs when nothing was set up', async (assert) => {
    const { tools, text } = await asked({}, 'search_web', { query: 'anchors' });
    assert.match(text, /No results/);
    assert.deepEqual(manifest().tools, named(tools));
  });
  await check('folders that were chosen can be searched', async (assert) => {
    writeFileSync(join(directories[1], 'anchors.md'), '# Anchors\n\nThey hold in mud.\n');
    const { text } = await asked({ directories }, 'ingest', { path: directories[1] });
    assert.match(text, /^Read 1 documents/);
    assert.match((await asked({}, 'search_web', { query: 'anchors' })).text, /They hold in mud/);
  });
  await check('a key reaches the server in its environment, and is a secret', async (assert) => {
    const secrets = Object.entries(manifest().user_config).filter(([, { sensitive }]) => sensitive);
    assert.deepEqual(secrets.map(([name]) => name),
      ['brave_key', 'tavily_key', 'serper_key', 'exa_key', 'kagi_key']);
    // The service can't be reached from a test: the server says that it would have been asked.
    const { text } = await asked({ searxng_url: 'http://127.0.0.1:9' }, 'search', { query: 'anchors' });
    assert.match(text, /searxng/);
  });
}
await check('server.json names the bundle by its digest', (assert) => {
  const server = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'));
  assert.equal(server.name, `io.github.fairlead/${kind}`);
  assert.equal(server.version, manifest().version);
  const [{ environmentVariables = [], ...described }, ...others] = server.packages;
  assert.deepEqual(others, []);
  assert.deepEqual(described, {
    registryType: 'mcpb',
    identifier: `https://downloads.example.com/v1/fairlead-${kind}.mcpb`,
    version: manifest().version,
    fileSha256: createHash('sha256').update(readFileSync(bundle)).digest('hex'),
    transport: { type: 'stdio' },
  });
  assert.deepEqual(
    environmentVariables.map(({ name, isSecret }) => `${name} ${isSecret}`),
    kind === 'filesystem' ? [] : [
      'SEARXNG_URL false', 'BRAVE_API_KEY true', 'TAVILY_API_KEY true', 'SERPER_API_KEY true',
      'EXA_API_KEY true', 'KAGI_API_KEY true',
    ]);
});
rmSync(folder, { recursive: true, force: true });
finish();
