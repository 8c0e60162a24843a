// Packs a server for desktop clients and for registries:
//
//     node pack_bundle.mjs MANIFEST SERVER_PROGRAM OUTPUT_FOLDER [DOWNLOAD_FOLDER_URL]
//
// writes fairlead-NAME.mcpb, and server.json that tells where it is to be downloaded. What the
// manifest says of the tools comes from the program itself. MCPB names the mcpb command.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [description, program, output, url = 'https://downloads.example.com'] = process.argv.slice(2);
if (output === undefined) {
  console.error('usage: pack_bundle.mjs MANIFEST SERVER_PROGRAM OUTPUT_FOLDER [DOWNLOAD_FOLDER_URL]');
  process.exit(2);
}
const mcpb = (process.env.MCPB ?? 'mcpb').split(' ');
const stage = mkdtempSync(join(tmpdir(), 'fairlead-bundle-'));
// Whoever packs may use the server, too: it is asked in a home of its own.
const home = mkdtempSync(join(tmpdir(), 'fairlead-bundle-home-'));
const manifest = JSON.parse(readFileSync(description, 'utf8'));
const { args, env } = manifest.server.mcp_config;
const setting = /\$\{user_config\.(\w+)\}/;

// An argument as a client writes it where every switch is off: they only take tools away.
function written(argument) {
  const key = setting.exec(argument)?.[1];
  if (key === undefined) return [argument];
  const { type, default: chosen = home } = manifest.user_config[key];
  const value = type === 'boolean' ? 'false' : chosen;
  return Array.isArray(value) ? value : [argument.replace(setting, value)];
}

// What a registry tells people to set.
function variable([name, value]) {
  const { description: meaning, sensitive = false, required } =
    manifest.user_config[setting.exec(value)[1]];
  return { name, description: meaning, isRequired: required, isSecret: sensitive };
}

try {
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  const request = {
    jsonrpc: '2.0', id: 1, method: 'tools/list',
    params: {
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  };
  const listed = execFileSync(program, args.flatMap(written), {
    input: `${JSON.stringify(request)}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'],
    env: { HOME: home },
  });
  manifest.version = version;
  manifest.tools = JSON.parse(listed).result.tools
    .map(({ name, description }) => ({ name, description }));
  mkdirSync(join(stage, 'server'));
  copyFileSync(program, join(stage, manifest.server.entry_point));
  chmodSync(join(stage, manifest.server.entry_point), 0o755);
  writeFileSync(join(stage, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

  mkdirSync(output, { recursive: true });
  const name = `${manifest.name}.mcpb`;
  const bundle = resolve(output, name);
  execFileSync(mcpb[0], [...mcpb.slice(1), 'pack', stage, bundle], { stdio: 'ignore' });
  const server = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: manifest.name.replace('fairlead-', 'io.github.fairlead/'),
    title: manifest.display_name,
    description: manifest.description,
    version,
    packages: [{
      registryType: 'mcpb',
      identifier: `${url}/${name}`,
      version,
      fileSha256: createHash('sha256').update(readFileSync(bundle)).digest('hex'),
      transport: { type: 'stdio' },
      ...(Object.keys(env).length > 0
        && { environmentVariables: Object.entries(env).map(variable) }),
    }],
  };
  writeFileSync(join(output, 'server.json'), `${JSON.stringify(server, null, 2)}\n`);
  console.log(bundle);
} finally {
  rmSync(stage, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
}
