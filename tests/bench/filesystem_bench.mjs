// The filesystem server beside the reference server and ripgrep, over the same files.
// usage: filesystem_bench.mjs SERVER PEERS_FOLDER full|brief [FOLDER]
//
// Each row is the median of several calls, one after the other, on stdio, until the answer's last
// byte is here. Both servers read, list and search the same files, which are in the page cache;
// limits of ours that would cut an answer are lifted, except where the row says so. FOLDER keeps
// the files for the next run; without, they are made and removed.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [program, peers, extent, kept] = process.argv.slice(2);
const brief = extent !== 'full';
const scale = brief
  ? { entries: 20_000, files: 1_000, fileBytes: 10_000, repeats: 3, reads: 50 }
  : { entries: 1_000_000, files: 100_000, fileBytes: 10_000, repeats: 5, reads: 1_000 };
const top = kept ?? mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
if (!kept) process.on('exit', () => rmSync(top, { recursive: true, force: true }));

function lay() {
  writeFileSync(join(top, 'small.txt'), `${'x'.repeat(1023)}\n`);
  writeFileSync(join(top, 'large.txt'), `${'0123456789abcde\n'.repeat(655_360)}`);
  for (const [name, count] of [['ten-thousand', 10_000], ['very-many', scale.entries]]) {
    mkdirSync(join(top, name));
    execFileSync('sh', ['-c', `seq -f 'entry-%.0f.txt' ${count} | xargs touch`],
      { cwd: join(top, name) });
  }
  const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(2).slice(0, 79)}\n`;
  const text = line.repeat(scale.fileBytes / 80);
  const folders = Math.ceil(scale.files / 100);
  for (let folder = 0; folder < folders; folder += 1) {
    mkdirSync(join(top, `code/d${folder}`), { recursive: true });
    for (let file = 0; file < 100; file += 1) {
      const found = folder % 100 === 0 && file === 50 ? 'a needle in it\n' : '';
      writeFileSync(join(top, `code/d${folder}/f${file}.txt`), text + found);
    }
  }
}

class Server {
  constructor(command) {
    this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'ignore'] });
    this.last = 0;
    // One call at a time: what ends in a line break is its answer. It is not even decoded, so that
    // the time is the server's.
    let pieces = [];
    this.child.stdout.on('data', (piece) => {
      pieces.push(piece);
      if (piece[piece.length - 1] !== 0x0a) return;
      this.heard(pieces);
      pieces = [];
    });
  }

  ask(method, params) {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve) => {
      this.heard = resolve;
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  async start() {
    await this.ask('initialize', {
      protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' },
    });
    this.child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  }

  /// Milliseconds of one call, the median. `beforeEach` is not counted.
  async time(repeats, name, args, beforeEach = () => {}) {
    const times = [];
    for (let i = 0; i < repeats; i += 1) {
      beforeEach();
      const before = performance.now();
      const answer = await this.ask('tools/call', { name, arguments: args });
      times.push(performance.now() - before);
      const text = Buffer.concat(answer).toString('latin1');
      if (/"isError":true|"error":/.test(text.slice(0, 300) + text.slice(-300))) throw new Error(text);
    }
    return times.sort((a, b) => a - b)[Math.floor(repeats / 2)];
  }

  peakMegabytes() {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1024);
  }

  stop() { this.child.stdin.end(); }
}

function ripgrep() {
  if (spawnSync('rg', ['--version']).status !== 0) return undefined;
  const times = [];
  for (let i = 0; i < scale.repeats; i += 1) {
    const before = performance.now();
    spawnSync('rg', ['-j1', '-n', '--no-heading', 'needle', join(top, 'code')]);
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[Math.floor(scale.repeats / 2)];
}

if (!existsSync(join(top, 'code'))) lay();
// A directory that was changed within the last seconds is read each time.
execFileSync('sleep', ['4']);
const ours = new Server([program, '--max-read-bytes', '10000000', '--max-entries', '100000',
  '--timeout', '600', top]);
const usual = new Server([program, top]);
const reference = new Server([join(peers, 'node_modules/.bin/node'),
  join(peers, 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js'), top]);
for (const server of [ours, usual, reference]) await server.start();

const row = (what, mine, theirs, name) => console.log(
  `${what.padEnd(50)} ${mine.toFixed(2).padStart(10)} ${theirs === undefined
    ? '-'.padStart(10) : theirs.toFixed(2).padStart(10)} ${theirs === undefined
    ? '-'.padStart(8) : (theirs / mine).toFixed(1).padStart(8)}  ${name}`);
console.log(`${'milliseconds a call'.padEnd(50)} ${'fairlead'.padStart(10)} ${'other'.padStart(10)}`
  + ` ${'× faster'.padStart(8)}`);
const both = async (what, repeats, name, args, server = ours, beforeEach) => {
  const mine = await server.time(repeats, name, args, beforeEach);
  row(what, mine, await reference.time(repeats, name, args, beforeEach), 'reference');
};
const change = (folder) => () => {
  writeFileSync(join(top, folder, 'one-more'), '');
  rmSync(join(top, folder, 'one-more'));
};
await both('read 1 KB', scale.reads, 'read_text_file', { path: join(top, 'small.txt') });
await both('read 10 MB', scale.repeats, 'read_text_file', { path: join(top, 'large.txt') });
const some = { path: join(top, 'ten-thousand') };
await both('list 10,000 entries', 4 * scale.repeats, 'list_directory', some);
await both('  ours: the first 1,000', 4 * scale.repeats, 'list_directory', some, usual);
await both('  all, changed before each call', 4 * scale.repeats, 'list_directory', some, ours,
  change('ten-thousand'));
const many = { path: join(top, 'very-many') };
await both(`list ${scale.entries} entries (ours: the first 1,000)`, scale.repeats, 'list_directory',
  many, usual);
await both('  ours: the first 100,000', scale.repeats, 'list_directory', many);
await both('  the first 1,000, changed before each call', scale.repeats, 'list_directory', many,
  usual, change('very-many'));
const names = { path: join(top, 'code'), pattern: '**/f50.txt' };
await both(`search ${scale.files} files by name`, scale.repeats, 'search_files', names);
const content = { path: join(top, 'code'), pattern: 'needle' };
const searched = await ours.time(scale.repeats, 'search_content', content);
const megabytes = Math.round((scale.files * scale.fileBytes) / 1e6);
row(`search the content of ${scale.files} files, ${megabytes} MB`, searched, ripgrep(),
  'ripgrep -j1');
console.log(`peak memory: ${usual.peakMegabytes()} MB with the usual limits, `
  + `${ours.peakMegabytes()} MB with lifted ones, reference ${reference.peakMegabytes()} MB`);
for (const server of [ours, usual, reference]) server.stop();
