// `fairlead run` asks a mock gateway, in both wire formats: right answers, and clear failures when
// the gateway breaks.
// usage: node aimock.mjs PATH-OF-FAIRLEAD PATH-OF-MCP-SERVER-DATABASE
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, finish } from './check.mjs';

const [fairlead, server] = process.argv.slice(2);
const bin = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.bin');
const folder = mkdtempSync(join(tmpdir(), 'fairlead-aimock-'));
const database = join(folder, 'shop.db');
const gateways = [];
process.on('exit', () => {
  for (const gateway of gateways) gateway.kill();
  rmSync(folder, { recursive: true });
});
execFileSync(server, ['--make-sample', database], { stdio: 'pipe' });

const query = (sql) => ({ name: 'query_database', arguments: JSON.stringify({ sql }) });
const count = query('SELECT count(*) AS n FROM customers');
const tables = { name: 'list_tables', arguments: '{}' };
const answers = (userMessage, ...turns) =>
  turns.map((response, turnIndex) => ({ match: { userMessage, turnIndex }, response }));
const calls = (...toolCalls) => ({ toolCalls });
const text = (content) => ({ content });
const fixtures = join(folder, 'fixtures.json');
writeFileSync(fixtures, JSON.stringify({
  fixtures: [
    ...answers('Good morning', text('Good morning to you, in several pieces of text.')),
    ...answers('How many customers', calls(count), text('There are 250 customers.')),
    ...answers('Two at once', calls(count, tables), text('Counted and listed.')),
    ...answers('Broken arguments', calls({ ...count, arguments: '{"sql": SELECT' }), calls(count),
      text('Corrected: 250 customers.')),
    ...answers('Unknown tool', calls({ ...count, name: 'drop_everything' }),
      text('There is no such tool.')),
  ],
}));

// Each question: its answer, and of each tool call in turn what its result says.
const questions = {
  'Good morning': ['Good morning to you, in several pieces of text.'],
  'How many customers are there?': ['There are 250 customers.', /250/],
  'Two at once, please': ['Counted and listed.', /250/, /customers/],
  'Broken arguments, please': ['Corrected: 250 customers.', /arguments/, /250/],
  'Unknown tool, please': ['There is no such tool.', /drop_everything/],
};
const ways = ['openai', 'anthropic'].flatMap((api) => [[api], [api, '--no-stream']]);

// Port 0 lets the system choose a free one; the mock says which.
function start(...options) {
  const always = ['--port', '0', '--fixtures', fixtures, '--chunk-size', '7'];
  const gateway = spawn(join(bin, 'llmock'), [...always, ...options], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  gateways.push(gateway);
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`llmock did not start: ${said}`)), 30_000);
    const hear = (piece) => {
      said = (said + piece).slice(-10_000);
      const address = /listening on (http:\/\/[\d.]+:\d+)/.exec(said);
      if (address === null) return;
      clearTimeout(timer);
      resolve(address[1]);
    };
    gateway.stdout.on('data', hear);
    gateway.stderr.on('data', hear);
    gateway.on('error', reject);
  });
}

function ask(gateway, question, [api, ...options]) {
  return new Promise((resolve) => {
    execFile(
      fairlead,
      ['run', question, '--gateway', gateway, '--api', api, '--model', 'gpt-4o', ...options,
        '--server', `'${server}' '${database}'`, '--max-seconds', '30'],
      { env: { PATH: process.env.PATH, OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' },
        timeout: 40_000 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}
const events = (stdout) => stdout.trim().split('\n').map((line) => JSON.parse(line));

const calm = await start();
for (const way of ways) {
  for (const [question, [answer, ...results]] of Object.entries(questions)) {
    await check(`${way.join(' ')}: ${question}`, async (assert) => {
      const plain = await ask(calm, question, way);
      assert.equal(plain.code, 0, plain.stderr);
      assert.equal(plain.stdout, `${answer}\n`);
      const json = events((await ask(calm, question, [...way, '--json'])).stdout);
      const { event, end, exit_code, text: said, tool_calls } = json.at(-1);
      assert.deepEqual([event, end, exit_code, said, tool_calls],
        ['result', 'answered', 0, answer, results.length]);
      const pieces = json.filter((one) => one.event === 'text').length;
      assert.equal(pieces > 1, !way.includes('--no-stream'));
      // Calls of one turn run at the same time: a result belongs to the call whose id it carries.
      const called = json.filter((one) => one.event === 'tool_call');
      const told = new Map(json.filter((one) => one.event === 'tool_result')
        .map((one) => [one.id, one.text]));
      assert.equal(told.size, results.length);
      results.forEach((result, i) => assert.match(told.get(called[i].id), result));
    });
  }
}

// A gateway that never gives a good answer. All at the same time: fairlead waits between its tries.
const failures = {
  malformed: /^fairlead: the gateway's answer is not JSON: .*line 1, column 2/m,
  disconnect: /try 3 in \d+ ms\nfairlead: 127\.0\.0\.1:\d+ closed .* without a response/,
  ratelimit: /try 3 in 1000 ms\nfairlead: the gateway answered HTTP 429: .*rate limit exceeded/,
};
const broken = await Promise.all(Object.entries(failures).map(async ([chaos, message]) => {
  const gateway = await start(`--chaos-${chaos}`, '1');
  return ways.map((way) => ({ chaos, message, way, ran: ask(gateway, 'Good morning', way) }));
}));
for (const { chaos, message, way, ran } of broken.flat()) {
  await check(`${way.join(' ')}: always ${chaos}`, async (assert) => {
    const { code, stdout, stderr } = await ran;
    assert.equal(code, 3, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}

// Three requests of ten fail, by chance: asked until an answer came after another try. When three
// tries in a row fail, that is told.
async function mended(assert, gateway, way, message) {
  for (let asked = 1; asked <= 20; asked += 1) {
    const json = events((await ask(gateway, 'How many customers?', [...way, '--json'])).stdout);
    const result = json.at(-1);
    if (result.exit_code === 0) {
      assert.equal(result.text, 'There are 250 customers.');
      assert.equal(result.tool_calls, 1);
      if (json.some((one) => one.event === 'retry')) return;
    } else {
      assert.equal(result.exit_code, 3);
      assert.match(result.message, message);
      assert.deepEqual(json.slice(-3, -1).map((one) => one.event), ['retry', 'retry']);
    }
  }
  assert.fail('no answer of 20 needed and survived another try');
}
for (const [chaos, message] of [['disconnect', /without a response/], ['ratelimit', /HTTP 429/]]) {
  const gateway = await start(`--chaos-${chaos}`, '0.3');
  for (const way of ways) {
    await check(`${way.join(' ')}: sometimes ${chaos}`, (assert) =>
      mended(assert, gateway, way, message));
  }
}
finish();
