// The web search server in other people's hands: the MCP Inspector in both eras over stdio and HTTP,
// an agent on a mock gateway that searches and then fetches, 200 searches at a time, and a search
// service that fails in every way.
// usage: node websearch.mjs PATH-OF-MCP-SERVER-WEBSEARCH PATH-OF-FAIRLEAD
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { check, finish } from './check.mjs';

const run = promisify(execFile);
const [server, fairlead] = process.argv.slice(2);
const bin = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.bin');
const folder = mkdtempSync(join(tmpdir(), 'fairlead-websearch-'));
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
});
mkdirSync(join(folder, 'notes'));
writeFileSync(join(folder, 'notes', 'ropes.md'), '# Ropes\n\nHemp is twisted by hand.\n');

// --- A site and a search service on this machine ---

const listen = (handler) => new Promise((resolve) => {
  const http = createServer(handler).listen(0, '127.0.0.1', () => {
    http.unref();
    resolve(http.address().port);
  });
});
// A page that answers when the test says so.
let harbour;
const site = await listen((request, response) => {
  if (request.url === '/robots.txt') return response.writeHead(404).end();
  response.setHeader('content-type', 'text/html');
  if (request.url.startsWith('/harbour')) return harbour.asked(response);
  return response.end('<title>Anchors</title><nav><a href="/x">Menu</a></nav>'
    + '<main><h1>Anchors</h1><p>A stock anchor holds in sand and mud.</p></main>');
});
const page = `http://127.0.0.1:${site}/anchors`;
let searching = 'well';
let searches = 0;
const service = await listen((request, response) => {
  searches += 1;
  const answer = {
    well: () => response.end(JSON.stringify({
      results: [{ title: 'Anchors', url: page, content: 'What anchors hold in' }],
    })),
    broken: () => response.writeHead(500).end(),
    busy: () => response.writeHead(429, { 'retry-after': '3600' }).end(),
    malformed: () => response.end('{"results": ['),
    empty: () => response.end('{"results": []}'),
    silent: () => {},
  };
  answer[searching]();
});
const options = ['--no-index-file', '--ingest-dir', join(folder, 'notes'), '--pause', '0',
  '--allow-private', '127.0.0.0/8', '--allow-port', String(site)];
const environment = { PATH: `${bin}:${process.env.PATH}`, HOME: folder };
const withService = { ...environment, SEARXNG_URL: `http://127.0.0.1:${service}` };

// --- The Inspector ---

async function listening() {
  const child = spawn(server, [...options, '--http', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'], env: environment,
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr })) {
    const url = line.match(/listening on (\S+)/)?.[1];
    if (url) return [url, '--transport', 'http'];
  }
  throw new Error('the server does not listen');
}
// The Inspector prints nothing in about one of ten runs on a busy machine: ask again then.
async function inspect(where, era, ...rest) {
  for (let attempt = 1; ; attempt += 1) {
    const { stdout } = await run(
      join(bin, 'mcp-inspector'), ['--cli', ...where, '--protocol-era', era, ...rest],
      { env: environment, timeout: 60_000 },
    ).catch((error) => error);
    if (stdout.trim() !== '' || attempt === 3) return JSON.parse(stdout);
  }
}
const call = (tool, args) => ['--method', 'tools/call', '--tool-name', tool, '--tool-args-json',
  JSON.stringify(args)];
const overHttp = await listening();
for (const [over, where] of [['stdio', [server, ...options]], ['http', overHttp]]) {
  for (const era of ['legacy', 'modern']) {
    await check(`Inspector, ${over}, ${era}: the tools, strictly checked`, async (assert) => {
      const { tools } = await inspect(where, era, '--method', 'tools/list', '--strict');
      assert.deepEqual(tools.map(({ name }) => name).sort(), ['crawl', 'fetch', 'fetch_many',
        'forget', 'ingest', 'list_sources', 'map', 'search', 'search_web']);
    });
    await check(`Inspector, ${over}, ${era}: a folder is ingested and a page fetched`, async (assert) => {
      const read = await inspect(where, era, ...call('ingest', { path: '.' }));
      assert.equal(read.structuredContent.read, 1);
      const fetched = await inspect(where, era, ...call('fetch', { url: page }));
      assert.equal(fetched.structuredContent.content, '# Anchors\n\nA stock anchor holds in sand and mud.');
    });
    await check(`Inspector, ${over}, ${era}: no result is an answer`, async (assert) => {
      const found = await inspect(where, era, ...call('search', { query: 'zeppelin' }));
      assert.match(found.content[0].text, /^No results for "zeppelin"\./);
    });
    await check(`Inspector, ${over}, ${era}: prompts and resources`, async (assert) => {
      const { prompts } = await inspect(where, era, '--method', 'prompts/list');
      assert.deepEqual(prompts.map(({ name }) => name), ['fetch']);
      const { contents } = await inspect(
        where, era, '--method', 'resources/read', '--uri', 'websearch://sources');
      assert.match(contents[0].text, /^\[/);
    });
  }
}

// --- A search service with faults, and many searches ---

const message = (id, method, params, capabilities = {}) => JSON.stringify({
  jsonrpc: '2.0',
  id,
  method,
  params: {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    },
  },
});

class Stdio {
  constructor(env, ...more) {
    this.child = spawn(server, [...options, ...more], { stdio: ['pipe', 'pipe', 'pipe'], env });
    children.push(this.child);
    this.log = '';
    this.child.stderr.on('data', (piece) => { this.log += piece; });
    this.waiting = new Map();
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      this.waiting.get(message.id)?.(message);
    });
  }
  call(name, args) {
    return this.request('tools/call', { name, arguments: args });
  }
  request(method, params, capabilities) {
    this.id = (this.id ?? 0) + 1;
    const answer = new Promise((resolve) => this.waiting.set(this.id, resolve));
    this.child.stdin.write(`${message(this.id, method, params, capabilities)}\n`);
    return answer;
  }
  async end() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.stdin.end();
    return ended;
  }
}
const reports = ({ result }) => result.structuredContent.providers
  .map(({ name, status, reason }) => `${name} ${status}${reason ? ` (${reason})` : ''}`).join('; ');

await check('200 searches at a time: none fails, none is lost', async (assert) => {
  searching = 'well';
  searches = 0;
  const many = new Stdio(withService, '--calls-per-second', 'searxng=100');
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    many.call('search', { query: `anchors ${i}`, provider: 'searxng' })));
  assert.ok(answers.every((answer) => reports(answer) === 'searxng answered'));
  assert.equal(searches, 200);
  assert.equal(await many.end(), 0);
});
for (const [how, told] of Object.entries({
  broken: 'failed (it answered 500)',
  busy: 'failed (it has had too many calls (429))',
  malformed: 'failed (its answer is no JSON)',
  silent: /^failed \(127\.0\.0\.1: .*\)$/,
  empty: 'answered',
})) {
  await check(`a service that is ${how}: within 5 s, and what is indexed is found`, async (assert) => {
    searching = how;
    const one = new Stdio(withService);
    await one.call('ingest', { path: '.' });
    const begin = Date.now();
    const answer = await one.call('search', { query: 'hemp' });
    assert.ok(Date.now() - begin < 5_000, `${Date.now() - begin} ms`);
    assert.equal(answer.result.structuredContent.results[0].title, 'Ropes');
    const said = reports(answer).replace(/^local answered; searxng /, '');
    if (told instanceof RegExp) assert.match(said, told);
    else assert.equal(said, told);
    await one.end();
  });
}
await check('after five failures a service is left alone', async (assert) => {
  searching = 'broken';
  const one = new Stdio({ ...withService, BRAVE_API_KEY: 'SECRETKEY' }, '--providers', 'searxng');
  for (let i = 0; i < 5; i += 1) await one.call('search', { query: 'x', provider: 'searxng' });
  searches = 0;
  assert.match(reports(await one.call('search', { query: 'x' })),
    /searxng skipped \(it failed 5 times in a row; it is tried again in \d+ s\)/);
  assert.equal(searches, 0);
  await one.end();
  assert.ok(!one.log.includes('SECRETKEY'));
});

// --- A crawl that goes on as a task ---

class Harbour {
  constructor() {
    this.arrival = new Promise((resolve) => { this.arrived = resolve; });
  }
  asked(response) {
    this.open = () => response.end('<title>Harbour</title><main><p>Ships lie here.</p></main>');
    this.left = new Promise((resolve) => response.on('close', () => resolve(response.writableEnded)));
    this.arrived();
  }
}
async function post(method, params, capabilities) {
  const response = await fetch(overHttp[0], {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': params.name ?? params.taskId,
    },
    body: message(1, method, params, capabilities),
  });
  return JSON.parse((await response.text()).replace(/^data: /, ''));
}
const piped = new Stdio(environment);
const extension = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
for (const [over, ask] of [['stdio', (...what) => piped.request(...what)], ['http', post]]) {
  const crawl = async (path) => {
    harbour = new Harbour();
    const { result } = await ask('tools/call', {
      name: 'crawl', arguments: { url: `http://127.0.0.1:${site}/harbour/${path}/${over}` },
    }, extension);
    await harbour.arrival;
    return result;
  };
  const about = async (method, { taskId }) => (await ask(method, { taskId }, extension)).result;
  await check(`a crawl over ${over} is a task for a client that knows tasks`, async (assert) => {
    const task = await crawl('open');
    assert.deepEqual([task.resultType, task.status], ['task', 'working']);
    assert.equal((await about('tasks/get', task)).status, 'working');
    harbour.open();
    let state;
    do {
      state = await about('tasks/get', task);
    } while (state.status === 'working');
    assert.equal(state.status, 'completed');
    assert.deepEqual(state.result.structuredContent.pages.map(({ title }) => title), ['Harbour']);
  });
  await check(`and is cancelled over ${over}: it lets go of the page that it waits for`, async (assert) => {
    const task = await crawl('closed');
    await about('tasks/cancel', task);
    assert.equal(await harbour.left, false);
    assert.equal((await about('tasks/get', task)).status, 'cancelled');
  });
}
await piped.end();

// --- An agent ---

const fixtures = join(folder, 'fixtures.json');
const turns = (userMessage, ...list) =>
  list.map((response, turnIndex) => ({ match: { userMessage, turnIndex }, response }));
const tool = (name, args) => ({ toolCalls: [{ name, arguments: JSON.stringify(args) }] });
writeFileSync(fixtures, JSON.stringify({
  fixtures: turns('What do anchors hold in', tool('search_web', { query: 'anchors' }),
    tool('fetch', { url: page }), { content: 'In sand and mud.' }),
}));
const gateway = spawn(join(bin, 'llmock'), ['--port', '0', '--fixtures', fixtures],
  { env: environment });
children.push(gateway);
const address = await new Promise((resolve) => {
  let said = '';
  const hear = (piece) => {
    said += piece;
    const found = /listening on (http:\/\/[\d.]+:\d+)/.exec(said);
    if (found) resolve(found[1]);
  };
  gateway.stdout.on('data', hear);
  gateway.stderr.on('data', hear);
});
const config = join(folder, 'servers.json');
writeFileSync(config, JSON.stringify({
  mcpServers: { web: { command: server, args: options, env: withService } },
}));
const agent = ['--gateway', address, '--api', 'openai', '--model', 'gpt-4o', '--config', config];
const agentEnvironment = { ...environment, OPENAI_API_KEY: 'k' };
searching = 'well';
await check('fairlead run: a question is answered by a search and a page', async (assert) => {
  const { stdout } = await run(fairlead, ['run', 'What do anchors hold in?', ...agent, '--json',
    '--max-seconds', '30'], { env: agentEnvironment, timeout: 60_000 });
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line));
  const results = events.filter(({ event }) => event === 'tool_result').map(({ text }) => text);
  assert.match(results[0], new RegExp(`### Anchors\\n.*\\nLink: ${page}`));
  assert.match(results[1], /A stock anchor holds in sand and mud\./);
  assert.equal(events.at(-1).text, 'In sand and mud.');
});
await check('fairlead chat: the same', async (assert) => {
  const chat = run(fairlead, ['chat', ...agent], { env: agentEnvironment, timeout: 60_000 });
  chat.child.stdin.end('What do anchors hold in?\n');
  const { stdout } = await chat;
  assert.match(stdout, /In sand and mud\./);
});

// --- The protocol from outside ---

await check('fairlead probe finds nothing to complain of', async (assert) => {
  // Its exit status says so.
  const { stdout } = await run(
    fairlead, ['probe', [server, ...options].map((each) => `'${each}'`).join(' ')],
    { env: environment, timeout: 280_000 }).catch((error) => assert.fail(error.stdout));
  assert.notEqual(stdout, '');
});
finish();
