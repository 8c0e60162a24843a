// The bundle of a server for desktop clients: valid for the tool of those who defined it, and what
// it unpacks to runs as its manifest says.
// usage: bundle.mjs SERVER_PROGRAM
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, finish } from './check.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const mcpb = join(here, 'node_modules/.bin/mcpb');
const folder = mkdtempSync(join(tmpdir(), 'fairlead-bundle-test-'));
const bundle = join(folder, 'fairlead-filesystem.mcpb');
const unpacked = join(folder, 'unpacked');
const manifest = () => JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8'));

/// The names of the tools that the command has, started as a desktop client would.
function toolsOf(config, values) {
  const args = config.args.flatMap((argument) => {
    const key = /^\$\{user_config\.(\w+)\}$/.exec(argument)?.[1];
    if (key !== undefined) return values[key];
    return [argument.replace(/\$\{user_config\.(\w+)\}/g, (_, name) => String(values[name]))];
  });
  const request = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const { stdout } = spawnSync(config.command.replace('${__dirname}', unpacked), args, {
    encoding: 'utf8',
    input: `${request(1, 'initialize', {
      protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'peer', version: '1' },
    })}\n${request(2, 'tools/list', {})}\n${request(3, 'tools/call', {
      name: 'list_allowed_directories', arguments: {},
    })}\n`,
  });
  const answers = stdout.trim().split('\n').map((line) => JSON.parse(line));
  const result = (wanted) => answers.find(({ id }) => id === wanted).result;
  return { tools: result(2).tools, directories: result(3).content[0].text };
}

await check('the bundle is packed', () => {
  execFileSync(process.execPath, [
    join(here, '../../servers/filesystem/bundle/pack.mjs'), process.argv[2], folder,
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
const directories = [join(folder, 'one'), join(folder, 'two words')];
directories.forEach((each) => mkdirSync(each));
await check('it serves several directories, and only reads unless it is told otherwise', (assert) => {
  const { server, user_config: settings } = manifest();
  assert.equal(settings.read_only.default, true);
  const reading = toolsOf(server.mcp_config, { directories, read_only: true });
  assert.ok(reading.tools.every(({ annotations }) => annotations.readOnlyHint));
  assert.equal(reading.directories, `Allowed directories:\n${directories.join('\n')}`);
  const writing = toolsOf(server.mcp_config, { directories, read_only: false });
  assert.ok(writing.tools.some(({ name }) => name === 'write_file'));
  assert.deepEqual(manifest().tools,
    writing.tools.map(({ name, description }) => ({ name, description })));
});
await check('server.json names the bundle by its digest', (assert) => {
  const server = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8'));
  assert.equal(server.version, manifest().version);
  assert.deepEqual(server.packages, [{
    registryType: 'mcpb',
    identifier: 'https://downloads.example.com/v1/fairlead-filesystem.mcpb',
    version: manifest().version,
    fileSha256: createHash('sha256').update(readFileSync(bundle)).digest('hex'),
    transport: { type: 'stdio' },
  }]);
});
rmSync(folder, { recursive: true, force: true });
finish();
