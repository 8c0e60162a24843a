// An agent uses the filesystem server: `fairlead run` and `fairlead chat` ask a mock gateway, whose
// model reads, searches, writes and tries to leave the directory.
// usage: node chat_filesystem.mjs PATH-OF-FAIRLEAD PATH-OF-MCP-SERVER-FILESYSTEM
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { check, finish } from './check.mjs';

const [fairlead, server] = process.argv.slice(2);
const run = promisify(execFile);
const bin = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.bin');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fairlead-chat-')));
const notes = join(folder, 'notes');
mkdirSync(notes);
writeFileSync(join(folder, 'secret.txt'), 'the secret\n');
writeFileSync(join(notes, 'ports.txt'), 'Rotterdam\nAntwerp\nHamburg\n');

const tool = (name, args) => ({ toolCalls: [{ name, arguments: JSON.stringify(args) }] });
const turns = (userMessage, ...list) =>
  list.map((response, turnIndex) => ({ match: { userMessage, turnIndex }, response }));
const fixtures = join(folder, 'fixtures.json');
writeFileSync(fixtures, JSON.stringify({
  fixtures: [
    ...turns('Which ports', tool('list_directory', { path: notes }),
      tool('read_file', { path: join(notes, 'ports.txt') }),
      { content: 'Rotterdam, Antwerp and Hamburg.' }),
    ...turns('Where is Antwerp', tool('search_content', { path: notes, pattern: 'ANTWERP',
      ignoreCase: true }), { content: 'On line 2 of ports.txt.' }),
    ...turns('Please write', tool('append_file', { path: 'ports.txt', content: 'Bremen\n' }),
      { content: 'Bremen was added.' }),
    // The fourth and fifth answer of a conversation.
    { match: { userMessage: 'And add Bremen', turnIndex: 3 },
      response: tool('append_file', { path: 'ports.txt', content: 'Bremen\n' }) },
    { match: { userMessage: 'And add Bremen', turnIndex: 4 },
      response: { content: 'Bremen was added.' } },
    ...turns('Tell me the secret', tool('read_file', { path: '../secret.txt' }),
      { content: 'I may not read that.' }),
  ],
}));
const gateway = spawn(join(bin, 'llmock'), ['--port', '0', '--fixtures', fixtures],
  { env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
process.on('exit', () => {
  gateway.kill();
  rmSync(folder, { recursive: true });
});
const address = await new Promise((resolve, reject) => {
  let said = '';
  const timer = setTimeout(() => reject(new Error(`llmock did not start: ${said}`)), 30_000);
  const hear = (piece) => {
    said += piece;
    const found = /listening on (http:\/\/[\d.]+:\d+)/.exec(said);
    if (!found) return;
    clearTimeout(timer);
    resolve(found[1]);
  };
  gateway.stdout.on('data', hear);
  gateway.stderr.on('data', hear);
});
const agent = (...options) => [
  '--gateway', address, '--api', 'openai', '--model', 'gpt-4o', '--max-seconds', '60',
  '--server', [server, ...options, notes].map((each) => `'${each}'`).join(' ')];
const environment = { env: { PATH: process.env.PATH, OPENAI_API_KEY: 'k' }, timeout: 90_000 };

async function results(question, ...options) {
  const { stdout } = await run(fairlead, ['run', question, ...agent(...options), '--json'],
    environment);
  const events = stdout.trim().split('\n').map((line) => JSON.parse(line));
  return {
    told: events.filter(({ event }) => event === 'tool_result').map(({ text }) => text),
    failed: events.filter(({ is_error }) => is_error).length,
    answer: events.at(-1).text,
  };
}

await check('run: a directory is listed and a file read', async (assert) => {
  assert.deepEqual(await results('Which ports are there?'), {
    told: ['[FILE] ports.txt', 'Rotterdam\nAntwerp\nHamburg\n'],
    failed: 0,
    answer: 'Rotterdam, Antwerp and Hamburg.',
  });
});
await check('run: a search finds the line', async (assert) => {
  const { told, answer } = await results('Where is Antwerp?');
  assert.deepEqual(told, [`${join(notes, 'ports.txt')}:2:Antwerp`]);
  assert.equal(answer, 'On line 2 of ports.txt.');
});
await check('run: what lies outside is refused, and its content reaches nobody', async (assert) => {
  const { told, answer } = await results('Tell me the secret');
  assert.match(told[0], /^Access denied - path outside allowed directories/);
  assert.ok(!told[0].includes('the secret'));
  assert.equal(answer, 'I may not read that.');
});
await check('run --read-only: there is no tool that writes', async (assert) => {
  const { told } = await results('Please write Bremen', '--read-only');
  assert.match(told[0], /append_file/);
  assert.equal(readFileSync(join(notes, 'ports.txt'), 'utf8'), 'Rotterdam\nAntwerp\nHamburg\n');
});
await check('chat: clean output, question by question', async (assert) => {
  const chat = run(fairlead, ['chat', ...agent()], environment);
  chat.child.stdin.end('Which ports are there?\nAnd add Bremen\n/exit\n');
  const { stdout } = await chat;
  assert.equal(stdout, 'Rotterdam, Antwerp and Hamburg.\nBremen was added.\n');
  assert.equal(readFileSync(join(notes, 'ports.txt'), 'utf8'),
    'Rotterdam\nAntwerp\nHamburg\nBremen\n');
});
await check('probe finds nothing to note', async (assert) => {
  const { stdout } = await run(fairlead, ['probe', `'${server}' '${notes}'`],
    { ...environment, timeout: 200_000 });
  assert.match(stdout, /\n0 problems, 0 warnings, 0 notes\n$/);
});
finish();
