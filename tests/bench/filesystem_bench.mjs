// The filesystem server beside the reference server and ripgrep, over the same files.
// usage: filesystem_bench.mjs SERVER PEERS_FOLDER full|brief
//
// Each row is the median of several calls, one after the other, on stdio. Both servers read, list
// and search the same files, which are in the page cache; limits of ours that would cut an answer
// are lifted, except where the row says so.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [program, peers, extent] = process.argv.slice(2);
const brief = extent !== 'full';
const scale = brief
  ? { entries: 20_000, files: 1_000, fileBytes: 10_000, repeats: 3, reads: 50 }
  : { entries: 1_000_000, files: 100_000, fileBytes: 10_000, repeats: 5, reads: 1_000 };
const top = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
process.on('exit', () => rmSync(top, { recursive: true, force: true }));

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
    this.waiting = new Map();
    this.last = 0;
    createInterface({ input: this.child.stdout }).on('line', (text) => {
      const { id } = JSON.parse(text.length < 1_000 ? text : `{"id":${/"id":(\d+)/.exec(
        text.slice(-200) + text.slice(0, 200))[1]}}`);
      this.waiting.get(id)?.(text);
      this.waiting.delete(id);
    });
  }

  ask(method, params) {
    this.last += 1;
    const id = this.last;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  async start() {
    await this.ask('initialize', {
      protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' },
    });
    this.child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  }

  /// Milliseconds of one call, the median; and what the last one answered.
  async time(repeats, name, args) {
    const times = [];
    let answer = '';
    for (let i = 0; i < repeats; i += 1) {
      const before = performance.now();
      answer = await this.ask('tools/call', { name, arguments: args });
      times.push(performance.now() - before);
    }
    return { time: times.sort((a, b) => a - b)[Math.floor(repeats / 2)], answer };
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

lay();
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
const both = async (what, repeats, name, args, server = ours) => {
  const mine = await server.time(repeats, name, args);
  const theirs = await reference.time(repeats, name, args);
  row(what, mine.time, theirs.time, 'reference');
};
await both('read 1 KB', scale.reads, 'read_text_file', { path: join(top, 'small.txt') });
await both('read 10 MB', scale.repeats, 'read_text_file', { path: join(top, 'large.txt') });
await both('list 10,000 entries', scale.repeats, 'list_directory', { path: join(top, 'ten-thousand') });
const many = { path: join(top, 'very-many') };
await both(`list ${scale.entries} entries (ours: the first 1,000)`, scale.repeats, 'list_directory',
  many, usual);
await both(`list ${scale.entries} entries (ours: the first 100,000)`, scale.repeats,
  'list_directory', many);
const names = { path: join(top, 'code'), pattern: '**/f50.txt' };
await both(`search ${scale.files} files by name`, scale.repeats, 'search_files', names);
const content = { path: join(top, 'code'), pattern: 'needle' };
const searched = await ours.time(scale.repeats, 'search_content', content);
const megabytes = Math.round((scale.files * scale.fileBytes) / 1e6);
row(`search the content of ${scale.files} files, ${megabytes} MB`, searched.time, ripgrep(),
  'ripgrep -j1');
console.log(`peak memory: ${usual.peakMegabytes()} MB with the usual limits, `
  + `${ours.peakMegabytes()} MB with lifted ones, reference ${reference.peakMegabytes()} MB`);
for (const server of [ours, usual, reference]) server.stop();
