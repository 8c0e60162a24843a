// Everybody at once against one server process, over HTTP: the TypeScript clients 1.x and 2.x in
// both eras and over the transport of 2024-11-05, mcp-remote, and the Inspector. Each does all that
// it can, some through a proxy that cuts their connections, and each must see its own answers only:
// every call carries a nonce.
// usage: node http_mix.mjs PATH-OF-EVERYTHING-SERVER
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport as OldSse1 } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as schemas1 from '@modelcontextprotocol/sdk/types.js';
import { check, finish } from './check.mjs';
import { overheard } from './overheard.mjs';

const [program] = process.argv.slice(2);
const modules = join(import.meta.dirname, 'node_modules');
const environment = { ...process.env, PATH: `${join(modules, '.bin')}:${process.env.PATH}` };
const home = mkdtempSync(join(tmpdir(), 'fairlead-mix-'));

const server = spawn(program, ['--port', '0', '--legacy-sse'], { stdio: ['ignore', 'ignore', 'pipe'] });
const ended = new Promise((resolve) => server.on('exit', resolve));
let log = '';
const url = await new Promise((resolve, reject) => {
  createInterface({ input: server.stderr }).on('line', (line) => {
    log += `${line}\n`;
    const found = line.match(/listening on (\S+)/)?.[1];
    if (found) resolve(new URL(found));
  });
  server.on('exit', () => reject(new Error(log)));
});

// A way to the server that can be cut: everything open through it breaks at once.
async function cuttable() {
  const open = new Set();
  const proxy = createServer((near) => {
    const far = connect(Number(url.port), url.hostname);
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.port = proxy.address().port;
  return {
    url: through,
    cut: () => open.forEach((socket) => socket.resetAndDestroy()),
    close: () => {
      proxy.close();
      open.forEach((socket) => socket.destroy());
    },
  };
}

const patience = {
  maxReconnectionDelay: 1000, initialReconnectionDelay: 100, reconnectionDelayGrowFactor: 1.5, maxRetries: 10,
};
const capabilities = { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } };

// The two client libraries behind one face: what a person using either would do.
function typescript1(nonce) {
  const client = new Client1({ name: `peer1-${nonce}`, version: '1.0.0' }, { capabilities });
  answer(nonce, (method, handler) => {
    const schema = { 'elicitation/create': 'Elicit', 'sampling/createMessage': 'CreateMessage', 'roots/list': 'ListRoots' };
    client.setRequestHandler(schemas1[`${schema[method]}RequestSchema`], handler);
  });
  return {
    client,
    call: (params, options) => client.callTool(params, undefined, options),
    on: (method, handler) => {
      const schema = {
        'notifications/resources/updated': 'ResourceUpdated', 'notifications/tools/list_changed': 'ToolListChanged',
      };
      client.setNotificationHandler(schemas1[`${schema[method]}NotificationSchema`], handler);
    },
  };
}

function typescript2(nonce, mode) {
  const client = new Client(
    { name: `peer2-${nonce}`, version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
  answer(nonce, (method, handler) => client.setRequestHandler(method, handler));
  return {
    client,
    call: (params, options) => client.callTool(params, options),
    on: (method, handler) => client.setNotificationHandler(method, handler),
  };
}

function answer(nonce, handle) {
  handle('elicitation/create', async (request) => ({
    action: 'accept',
    content: request.params.requestedSchema.properties.username
      ? { username: nonce, email: `${nonce}@example.com` } : { name: nonce },
  }));
  handle('sampling/createMessage', async (request) => ({
    model: 'm', role: 'assistant', content: { type: 'text', text: `${request.params.messages[0].content.text} by ${nonce}` },
  }));
  handle('roots/list', async () => ({ roots: [{ uri: `file:///${nonce}`, name: nonce }] }));
}

const said = (part) => part.progress ?? part.content[0].text;

// Waits until what `look` gives is true.
async function until(look) {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 50));
}

// What every client does, whatever it speaks.
async function common(name, nonce, peer) {
  const { client, call, on } = peer;
  const textOf = (result) => result.content[0].text;
  await check(`${name}: lists, and tools answer`, async (assert) => {
    const { tools } = await client.listTools();
    assert.equal(tools[0].name, 'test_simple_text');
    assert.ok(tools.some((tool) => tool.name === 'test_work'));
    for (let i = 0; i < 10; i += 1) {
      const result = await call({ name: 'test_x_mcp_header', arguments: { region: `${nonce}-${i}` } });
      assert.equal(textOf(result), `region: ${nonce}-${i}`);
    }
  });
  await check(`${name}: sampling, elicitation, roots`, async (assert) => {
    const sampled = await call({ name: 'test_sampling', arguments: { prompt: `Q-${nonce}` } });
    assert.equal(textOf(sampled), `LLM response: Q-${nonce} by ${nonce}`);
    const elicited = await call({ name: 'test_elicitation', arguments: { message: 'Who?' } });
    assert.equal(
      textOf(elicited),
      `User response: <action: accept, content: {"email":"${nonce}@example.com","username":"${nonce}"}>`);
    const roots = await call({ name: 'test_input_required_result_list_roots', arguments: {} });
    assert.match(textOf(roots), new RegExp(`file:///${nonce}\\b`));
  });
  await check(`${name}: progress comes once, in order, before the result`, async (assert) => {
    const told = overheard(client);
    const result = await call({ name: 'test_work', arguments: { steps: 5, nonce } }, { onprogress: () => {} });
    assert.deepEqual(told().map(said), [1, 2, 3, 4, 5, `worked: ${nonce}`]);
    assert.equal(textOf(result), `worked: ${nonce}`);
  });
  await check(`${name}: cancelling reaches the handler`, async (assert) => {
    const controller = new AbortController();
    await assert.rejects(call(
      { name: 'test_work', arguments: { steps: 100_000, nonce: `cancelled-${nonce}` } },
      { signal: controller.signal, onprogress: () => controller.abort('enough') }));
    await until(async () => (await cancelled(client)).includes(`cancelled-${nonce}`));
  });
  await check(`${name}: a subscription hears of its own resource, once`, async (assert) => {
    const uri = `test://template/${nonce}/data`;
    const updates = [];
    on('notifications/resources/updated', (update) => updates.push(update.params.uri));
    const changed = new Promise((resolve) => on('notifications/tools/list_changed', resolve));
    const modern = client.getProtocolEra?.() === 'modern';
    const subscription = modern && await client.listen({ toolsListChanged: true, resourceSubscriptions: [uri] });
    if (!modern) await client.subscribeResource({ uri });
    await call({ name: 'test_touch_resource', arguments: { uri: 'test://template/nobody/data' } });
    await call({ name: 'test_touch_resource', arguments: { uri } });
    await call({ name: 'test_trigger_tool_change', arguments: {} });
    await changed;
    assert.deepEqual(updates, [uri]);
    if (subscription) await subscription.close();
  });
}

async function cancelled(client) {
  const { contents } = await client.readResource({ uri: 'test://cancelled' });
  return JSON.parse(contents[0].text);
}

// Both SDKs take up a stream of the session era where it was cut.
async function resumed(name, nonce, { client, call, on }, way, bystander) {
  await check(`${name}: a call goes on after its connection was cut, nothing lost or doubled`, async (assert) => {
    const told = overheard(client);
    const result = await call(
      { name: 'test_work', arguments: { steps: 40, nonce: `resumed-${nonce}` } },
      {
        onprogress: (update) => {
          if (update.progress === 5) way.cut();
        },
      });
    assert.deepEqual(told().map(said), [...Array.from({ length: 40 }, (_, i) => i + 1), `worked: resumed-${nonce}`]);
    assert.equal(result.content[0].text, `worked: resumed-${nonce}`);
  });
  await check(`${name}: what changes while the connection is cut is told afterwards`, async (assert) => {
    const uri = `test://template/again-${nonce}/data`;
    await client.subscribeResource({ uri });
    const updates = [];
    const heard = new Promise((resolve) => on('notifications/resources/updated', (update) => {
      updates.push(update.params.uri);
      resolve();
    }));
    way.cut();
    await bystander.call({ name: 'test_touch_resource', arguments: { uri } });
    await heard;
    assert.deepEqual(updates, [uri]);
  });
}

async function throughProxy(name, nonce, peer, Transport, bystander) {
  const way = await cuttable();
  await peer.client.connect(new Transport(way.url, { reconnectionOptions: patience }));
  await common(name, nonce, peer);
  if (peer.client.getProtocolEra?.() === 'modern') {
    await check(`${name}: a call ends with its connection, and its handler is told`, async (assert) => {
      await assert.rejects(peer.call(
        { name: 'test_work', arguments: { steps: 100_000, nonce: `cut-${nonce}` } },
        { onprogress: () => way.cut(), timeout: 20_000 }));
      await until(async () => (await cancelled(peer.client)).includes(`cut-${nonce}`));
    });
  } else {
    await resumed(name, nonce, peer, way, bystander);
  }
  await peer.client.close();
  way.close();
}

async function oldTransport(name, nonce) {
  const peer = typescript1(nonce);
  await peer.client.connect(new OldSse1(new URL('/sse', url)));
  await common(name, nonce, peer);
  await peer.client.close();
}

async function remote(name, nonce, place, flags) {
  const peer = typescript2(nonce, 'legacy');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(modules, 'mcp-remote/dist/proxy.js'), new URL(place, url).href, ...flags],
    env: { ...environment, HOME: home, MCP_REMOTE_CONFIG_DIR: join(home, nonce) },
    stderr: 'ignore',
  });
  await peer.client.connect(transport);
  await common(name, nonce, peer);
  await peer.client.close();
}

// The Inspector prints nothing in about one of ten runs on a busy machine: ask again then.
async function inspect(place, flags, ...rest) {
  for (let attempt = 1; ; attempt += 1) {
    const { stdout } = await promisify(execFile)(
      join(modules, '.bin/mcp-inspector'), ['--cli', new URL(place, url).href, ...flags, ...rest],
      { env: environment, timeout: 60_000 });
    if (stdout.trim() !== '' || attempt === 3) return stdout;
  }
}

async function inspector(name, place, flags) {
  await check(`${name}: a tool answers`, async (assert) => {
    const { content } = JSON.parse(await inspect(
      place, flags, '--method', 'tools/call', '--tool-name', 'test_x_mcp_header', '--tool-arg', `region=${name}`));
    assert.equal(content[0].text, `region: ${name}`);
  });
}

async function inspectSkills() {
  await check('inspector: the skills are what their listing says', async (assert) => {
    const flags = ['--transport', 'http', '--protocol-era', 'modern'];
    const said = await inspect('/mcp', flags, '--method', 'skills/list', '--verify');
    const skills = said.trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(
      skills.map(({ name, conformance, frontmatter }) => [name, conformance, frontmatter]),
      [['pdf-processing', [], []], ['refunds', [], []]]);
    assert.deepEqual(
      skills.map((skill) => skill.files.map((file) => file.status)),
      [['verified', 'verified'], ['verified', 'verified']]);
  });
}

// One whose connection nobody cuts.
const bystander = typescript2('bystander', { pin: '2026-07-28' });
await bystander.client.connect(new StreamableHTTPClientTransport(url));
const http = ['--transport', 'http', '--protocol-era'];
await Promise.all([
  throughProxy('TypeScript 1', 'one', typescript1('one'), Http1, bystander),
  throughProxy('TypeScript 2, session era', 'two', typescript2('two', 'legacy'), StreamableHTTPClientTransport, bystander),
  throughProxy('TypeScript 2, stateless era', 'three', typescript2('three', { pin: '2026-07-28' }), StreamableHTTPClientTransport),
  oldTransport('TypeScript 1, 2024-11-05', 'four'),
  remote('mcp-remote', 'five', '/mcp', ['--transport', 'http-only']),
  remote('mcp-remote, 2024-11-05', 'six', '/sse', ['--transport', 'sse-only']),
  inspector('inspector, session era', '/mcp', [...http, 'legacy']),
  inspector('inspector, stateless era', '/mcp', [...http, 'modern']),
  inspector('inspector, 2024-11-05', '/sse', ['--transport', 'sse']),
  inspectSkills(),
]);
await bystander.client.close();

await check('the server lives, holds nobody\'s call, and ends in order', async (assert) => {
  assert.equal((await fetch(new URL('/health', url))).status, 200);
  assert.doesNotMatch(log, /error/i);
  server.kill('SIGTERM');
  assert.equal(await ended, 0);
});
rmSync(home, { recursive: true });
finish();
