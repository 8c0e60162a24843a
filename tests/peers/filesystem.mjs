// Drives the reference filesystem server and ours with one script of calls, on the same files, and
// compares every answer byte by byte. What differs must be one of the named differences below.
// usage: node filesystem.mjs PATH-OF-MCP-SERVER-FILESYSTEM
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync,
  readlinkSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { check, finish } from './check.mjs';

const [ours] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const reference = join(
  here, 'node_modules', '@modelcontextprotocol', 'server-filesystem', 'dist', 'index.js');
const base = realpathSync(mkdtempSync(join(tmpdir(), 'fairlead-files-')));
const root = join(base, 'inside');
const outside = join(base, 'outside');
const commands = {
  reference: [process.execPath, reference],
  ours: [ours],
};

// --- The files ---

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCB' +
  'd81ytgAAAABJRU5ErkJggg==', 'base64');
const files = {
  'empty.txt': '',
  'hello.txt': 'hello\n',
  'three.txt': 'one\ntwo\nthree\n',
  'open.txt': 'one\ntwo\nthree',
  'crlf.txt': 'one\r\ntwo\r\nthree\r\n',
  'bom.txt': '\ufeffone\ntwo\n',
  'code.js': 'function f() {\n  if (a) {\n    return b;\n  }\n}\n',
  'tabs.c': '\tone;\n\t\ttwo;\n\tthree;\n',
  'fence.md': 'text\n```js\nlet a = 1;\n```\nend\n',
  'long.txt': Array.from({ length: 60 }, (_, i) => `line ${i + 1}\n`).join(''),
  'unicode ünï.txt': 'gr\u00fc\u00df dich \u{1f600}\n',
  'with space.txt': 'space\n',
  'apart a\u0308.txt': 'apart\n',
  'apart e\u0301/x.txt': 'below\n',
  'two \u00fc\u0304.txt': '2\n',
  'two u\u0308\u0304.txt': '3\n',
  "quote'\".txt": 'quote\n',
  '.hidden': 'hidden\n',
  'picture.png': png,
  'sound.wav': Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1'),
  'data.bin': Buffer.from([0, 1, 2, 253, 254, 255]),
  'a/b/c/deep.txt': 'deep\n',
  'a/b/note.md': '# note\n',
  'a/one.txt': 'a one\n',
  'a/.dot/x.txt': 'x\n',
  'src/main.c': 'int main() {}\n',
  'src/lib/util.c': 'void util() {}\n',
  'node_modules/m/index.js': '1\n',
};
const links = {
  'link-file': 'hello.txt',
  'link-dir': 'a/b',
  'link-out': '../outside/secret.txt',
  'link-out-dir': '../outside',
  'link-absolute': join(root, 'three.txt'),
  'link-dangling': 'nowhere.txt',
  'link-loop': 'link-loop',
};

function build() {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret\n');
  mkdirSync(join(base, 'inside-evil'));
  writeFileSync(join(base, 'inside-evil', 'x.txt'), 'evil\n');
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    utimesSync(path, 1_700_000_000, 1_600_000_000);
  }
  mkdirSync(join(root, 'void'));
  chmodSync(join(root, 'hello.txt'), 0o751);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name));
  for (const name of ['a/b/c', 'a/b', 'a/.dot', 'a', 'src/lib', 'src', 'node_modules/m',
    'node_modules', 'void', 'apart e\u0301', '.']) {
    utimesSync(join(root, name), 1_700_000_000, 1_600_000_000);
  }
}

/// Everything on the disk, to compare what the writing calls have left.
function snapshot(folder = base, prefix = '') {
  const all = {};
  for (const name of readdirSync(folder).sort()) {
    if (name.startsWith('.Trash-')) continue;
    const path = join(folder, name);
    const status = lstatSync(path);
    const mode = (status.mode & 0o7777).toString(8);
    if (status.isSymbolicLink()) {
      all[prefix + name] = `link ${readlinkSync(path)}`;
    } else if (status.isDirectory()) {
      all[prefix + name] = `directory ${mode}`;
      Object.assign(all, snapshot(path, `${prefix}${name}/`));
    } else {
      all[prefix + name] = `${mode} ${readFileSync(path).toString('base64')}`;
    }
  }
  return all;
}

// --- The calls ---

const good = [
  '', 'empty.txt', 'hello.txt', 'three.txt', 'open.txt', 'crlf.txt', 'bom.txt', 'code.js',
  'unicode ünï.txt', 'with space.txt', "quote'\".txt", '.hidden', 'picture.png', 'sound.wav',
  'data.bin', 'a', 'a/b', 'a/b/c/deep.txt', 'a/one.txt', 'void', 'link-file', 'link-dir',
  'apart \u00e4.txt', 'apart a\u0308.txt', 'apart \u00e9/x.txt', 'apart \u00e9', 'two \u01d6.txt',
  'two \u00fc\u0304.txt', 'apart \u00e9/\u00e4.txt',
  'link-dir/note.md', 'link-absolute', 'a/../hello.txt', './hello.txt', 'a//one.txt',
];
const bad = [
  'none.txt', 'none/none.txt', 'hello.txt/x', 'link-out', 'link-out-dir', 'link-out-dir/secret.txt',
  'link-dangling', 'link-loop', '../outside/secret.txt', '../inside-evil/x.txt', '..',
  'a/../../outside/secret.txt', 'n'.repeat(300), 'nul\0byte',
];
const absolute = [
  outside, join(outside, 'secret.txt'), join(base, 'inside-evil', 'x.txt'), '/etc/passwd', '/',
  '/proc/self/environ', '/proc/self/root/etc/passwd', '/dev/null/x', 'C:\\Windows\\win.ini',
  'c:/windows', '~', '~/x', '~root/x', 'file:///etc/passwd', '//etc/passwd', '%2e%2e/etc/passwd',
  '..%2f..%2fetc/passwd', '..\\..\\etc\\passwd', '....//....//etc/passwd',
  `${root}/../outside/secret.txt`, `${root}-evil/x.txt`, `${root}/./a/./one.txt`, `${root}/`,
];
// Both the relative and the absolute form.
const paths = [...good, ...bad].flatMap((path) => [path, join(root, '/') + path]).concat(absolute);

const calls = [];
const call = (tool, args) => calls.push([tool, args]);
for (const path of paths) {
  for (const tool of [
    'read_text_file', 'read_media_file', 'list_directory', 'list_directory_with_sizes',
    'directory_tree', 'get_file_info',
  ]) call(tool, { path });
  call('search_files', { path, pattern: '**/*.txt' });
}
for (const name of ['three.txt', 'open.txt', 'empty.txt', 'crlf.txt', 'long.txt', 'bom.txt']) {
  for (const count of [0, 1, 2, 3, 4, 59, 60, 61, 1000]) {
    call('read_text_file', { path: name, head: count });
    call('read_file', { path: name, tail: count });
  }
  call('read_text_file', { path: name, head: 1, tail: 1 });
}
call('read_multiple_files', { paths: ['hello.txt', 'none.txt', 'three.txt', '/etc/passwd'] });
call('read_multiple_files', { paths: ['a', 'unicode ünï.txt', 'empty.txt'] });
call('read_multiple_files', { paths: ['hello.txt'] });
call('read_multiple_files', { paths: [] });
for (const sortBy of ['name', 'size', 'date']) {
  for (const path of ['.', 'a', 'src', 'void', 'a/b']) {
    call('list_directory_with_sizes', { path, sortBy });
  }
}
for (const excludePatterns of [[], ['node_modules'], ['*.txt'], ['**/*.c'], ['a/b', 'src'], ['b']]) {
  for (const path of ['.', 'a', 'src']) {
    call('directory_tree', { path, excludePatterns });
    call('search_files', { path, pattern: '**', excludePatterns });
  }
}
for (const pattern of [
  '*', '*.txt', '**/*.txt', '**', 'a/*', 'a/**', '**/b/**', '*.{js,c}', '[ab]', 'h?llo.txt', '!*.txt',
  'none', '**/.dot/*', '.*', '**/[a-c].txt', 'hello.txt', 'deep.txt', '**/deep.txt', '', 'link-*',
]) call('search_files', { path: root, pattern });
call('list_allowed_directories', {});

// Wrong arguments, and what is no tool.
for (const tool of [
  'read_file', 'read_text_file', 'read_media_file', 'read_multiple_files', 'write_file',
  'edit_file', 'create_directory', 'list_directory', 'list_directory_with_sizes',
  'directory_tree', 'move_file', 'search_files', 'get_file_info',
]) {
  for (const args of [{}, { path: 7 }, { path: null }, { paths: 'x' }, { source: 1 }]) call(tool, args);
}
call('no_such_tool', {});
call('read_text_file', { path: 'hello.txt', head: 'x' });

// Writing. The order matters; what is on the disk is compared at the end.
for (const path of bad.concat(absolute).filter((each) => each !== `${root}/`)) {
  call('edit_file', { path, edits: [{ oldText: 'secret', newText: 'x' }] });
  if (!path.includes('link-')) call('move_file', { source: path, destination: 'moved.txt' });
  call('move_file', { source: 'void', destination: `${path}/void` });
  call('write_file', { path: `${path}/new.txt`, content: 'new\n' });
  call('write_file', { path, content: 'new\n' });
  call('create_directory', { path: `${path}/x/y` });
}
for (const path of ['new.txt', 'hello.txt', 'hello.txt', 'link-file', 'a/new', 'link-dir/new', '.h']) {
  for (const content of ['', 'text\n', 'gr\u00fc\u00df\r\n']) call('write_file', { path, content });
}
for (const path of ['p', 'p/q/r', 'p/q', 'hello.txt', 'link-dir/s', 'a', '.']) {
  call('create_directory', { path });
}
const edit = (path, ...edits) => {
  const list = edits.map(([oldText, newText]) => ({ oldText, newText }));
  call('edit_file', { path, edits: list, dryRun: true });
  call('edit_file', { path, edits: list });
  call('read_text_file', { path });
};
edit('three.txt', ['two', '2']);
edit('three.txt', ['one', '1'], ['three', '3\n4']);
edit('three.txt', ['none', '1']);
edit('three.txt', ['1', 'x'], ['none', 'y']);
edit('three.txt');
edit('three.txt', ['x', 'x']);
edit('open.txt', ['three', 'end']);
edit('open.txt', ['end', 'end\n']);
edit('open.txt', ['one\n', '']);
edit('crlf.txt', ['two\r\nthree', 'zwei\ndrei']);
edit('crlf.txt', ['one', 'eins']);
edit('bom.txt', ['one', 'eins']);
edit('bom.txt', [' two ', 'zwei']);
edit('code.js', ['if (a) {\nreturn b;', 'if (c) {\nreturn d;']);
edit('code.js', ['    if (c) {\n      return d;', '    while (c) {\n        return e;\n      f();']);
edit('code.js', ['}\n}', '}\n  g();\n}']);
edit('tabs.c', ['one;\ntwo;', '1;\n  2;\n 3;']);
edit('tabs.c', ['  three;', '\tthree();']);
edit('fence.md', ['let a = 1;', 'let a = 2;\n````\nx']);
edit('long.txt', ['line 3\n', 'new 3\n'], ['line 9\n', ''], ['line 30\n', 'x\ny\nz\n'], ['line 60\n', 'end']);
edit('long.txt', ['line 12\nline 13\n', 'line 13\nline 12\n'], ['line 20\n', 'line 20\nline 20b\n']);
edit('long.txt', [
  Array.from({ length: 10 }, (_, i) => `line ${i + 40}\n`).join(''),
  Array.from({ length: 10 }, (_, i) => (i % 3 === 0 ? `LINE ${i}\n` : `line ${i + 40}\n`)).join(''),
]);
edit('long.txt', ['x\ny\nz\n', 'a\nx\nb\nz\nx\n']);
edit('unicode ünï.txt', ['dich', 'euch']);
edit('a', ['x', 'y']);
edit('$&.txt', ['x', 'y']);
edit('code.js', ['function', '$& $1 $$']);
edit('hello.txt', ['e', 'E']);
// What ours refuses would leave different files.
for (const [path, oldText] of [
  ['long.txt', ''], ['long.txt', 'line'], ['code.js', '\n'], ['data.bin', '\u0001'],
]) call('edit_file', { path, edits: [{ oldText, newText: 'x' }], dryRun: true });
call('write_file', { path: 'a', content: '' });
for (const [source, destination] of [
  ['hello.txt', 'moved.txt'], ['moved.txt', 'three.txt'], ['moved.txt', 'a'], ['moved.txt', 'a/m'],
  ['none', 'x'], ['a', 'a/b/a'], ['void', 'empty'], ['a/m', 'none/m'], ['a', 'z'], ['z', 'a'],
  ['a/m', 'link-file'], ['a/m', 'link-dangling'], ['a/m', '../outside/m'], ['a/m', 'link-dir/m'],
  ['.', 'fresh'], ['empty.txt', 'empty.txt'],
]) call('move_file', { source, destination });
for (const path of ['.', 'a', 'src']) {
  call('directory_tree', { path });
  call('list_directory', { path });
}

// --- What differs, and why ---

const text = (answer) => answer?.result?.content?.[0]?.text;
const failed = (answer) => answer.error !== undefined || answer.result?.isError === true;
const equal = (a, b) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}
const withoutTimes = (lines) => lines?.replace(/^(created|accessed): .*$/gm, '$1:');
const both = (theirs, mine, pattern) => pattern.test(text(theirs) ?? '') && pattern.test(text(mine) ?? '');

// The first that applies explains the difference.
const differences = [
  ['arguments that do not fit the schema are refused in our own words', ([, args], theirs, mine) =>
    failed(theirs) && failed(mine) && /Input validation error|-32602/.test(
      JSON.stringify(theirs.error ?? text(theirs)))],
  ['a denial names neither the allowed directories nor where a link leads', (_, theirs, mine) =>
    both(theirs, mine, /^Access denied - (path|symlink target) outside allowed directories: /)
    && !text(mine).includes(' not in ')],
  ['what lies outside is not looked at', (_, theirs, mine) =>
    /^ENOTDIR/.test(text(theirs)) && /^Access denied - symlink target outside/.test(text(mine))],
  ['a denial within read_multiple_files is as short', ([tool], theirs, mine) =>
    tool === 'read_multiple_files'
    && text(theirs).replaceAll(` not in ${root}`, '') === text(mine)],
  ['bytes that are no text are not sent as text', ([tool], theirs, mine) =>
    ['read_text_file', 'read_file', 'edit_file'].includes(tool)
    && /^Not a text file: /.test(text(mine)) && /[\ufffd\0]/.test(text(theirs))],
  ['media is known by its content', ([tool], theirs, mine) => {
    if (tool !== 'read_media_file' || failed(theirs) || failed(mine)) return false;
    const bytes = ({ data, resource }) => data ?? resource.blob;
    return bytes(theirs.result.content[0]) === bytes(mine.result.content[0]);
  }],
  ['no lines are no lines', ([, args], theirs, mine) =>
    (args.head === 0 || args.tail === 0) && text(mine) === ''],
  ['a line break at the end ends a line and begins none', ([, args], theirs, mine) =>
    args.tail > 0 && /^$|\n$/.test(text(theirs)) && text(mine).endsWith(text(theirs).slice(0, -1))
    && text(mine).split('\n').length <= args.tail],
  ["a link's size is its own", ([tool], theirs, mine) => {
    const names = (answer) => text(answer).split('\n').filter((line) => line.startsWith('['))
      .map((line) => line.slice(0, 37)).filter((line) => !line.startsWith('[FILE] link-')).sort();
    return tool === 'list_directory_with_sizes' && text(mine).includes('[FILE] link-')
      && equal(names(theirs), names(mine));
  }],
  ['an allowed directory is not moved', ([tool], theirs, mine) =>
    tool === 'move_file' && /^An allowed directory itself/.test(text(mine))],
  ['line breaks stay as they were', ([tool], theirs, mine) =>
    tool === 'read_text_file' && text(theirs) === text(mine)?.replaceAll('\r\n', '\n')],
  ['an edit that is not clear is refused', ([tool], theirs, mine) =>
    tool === 'edit_file' && /^(Found \d+ matches|oldText is empty)/.test(text(mine))],
  ['the names of temporary files are told to nobody', ([tool], theirs, mine) =>
    tool === 'write_file' && failed(theirs) && failed(mine) && /\.tmp'/.test(text(theirs))],
  ['times of birth and of the last access are the run\'s own', ([tool], theirs, mine) =>
    tool === 'get_file_info' && withoutTimes(text(theirs)) === withoutTimes(text(mine))],
];

// --- The run ---

async function run(command) {
  build();
  const server = spawn(command[0], [...command.slice(1), root], {
    stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, TZ: 'UTC', HOME: base },
  });
  let stderr = '';
  server.stderr.on('data', (bytes) => { stderr += bytes; });
  const waiting = new Map();
  createInterface({ input: server.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let last = 0;
  const ask = (method, params) => new Promise((resolve, reject) => {
    last += 1;
    const { pid } = server;
    const timer = setTimeout(() => reject(new Error(`${method} of ${pid}: no answer`)), 120_000);
    waiting.set(last, (message) => {
      clearTimeout(timer);
      const { id, jsonrpc, ...answer } = message;
      resolve(answer);
    });
    send({ id: last, method, params });
  });
  const initialized = await ask('initialize', {
    protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'peer', version: '1' },
  });
  send({ method: 'notifications/initialized' });
  const tools = (await ask('tools/list', {})).result.tools;
  const answers = [];
  for (const [name, args] of calls) answers.push(await ask('tools/call', { name, arguments: args }));
  const files = snapshot();
  const exit = new Promise((resolve) => { server.on('exit', resolve); });
  server.stdin.end();
  return { initialized, tools, answers, files, stderr, code: await exit };
}

const theirs = await run(commands.reference);
const mine = await run(commands.ours);

await check('the same name and version', (assert) => {
  const info = ({ initialized }) => initialized.result.serverInfo;
  assert.equal(info(mine).name, info(theirs).name);
  assert.equal(info(mine).version, info(theirs).version);
});

// Input properties that we add, and what an answer says of a cut, are ours. Words for the model are
// our own.
function contract(schema, known) {
  if (Array.isArray(schema)) return schema.map((each, i) => contract(each, known?.[i] ?? each));
  if (schema === null || typeof schema !== 'object') return schema;
  const result = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' || key === '$schema') continue;
    if (key === 'properties') {
      result.properties = Object.fromEntries(Object.entries(value)
        .filter(([name]) => known?.properties === undefined || name in known.properties)
        .map(([name, property]) => [
          name, contract(property, known?.properties?.[name] ?? property)]));
    } else {
      result[key] = contract(value, known?.[key] ?? value);
    }
  }
  return result;
}
for (const tool of theirs.tools) {
  await check(`${tool.name} has the same contract`, (assert) => {
    const same = mine.tools.find(({ name }) => name === tool.name);
    assert.ok(same, 'there is no such tool');
    assert.equal(same.title, tool.title);
    assert.deepEqual(same.annotations, tool.annotations);
    assert.deepEqual(same.execution, tool.execution);
    for (const schema of ['inputSchema', 'outputSchema']) {
      assert.deepEqual(contract(same[schema], tool[schema]), contract(tool[schema], tool[schema]));
    }
  });
}

const used = new Map(differences.map(([name]) => [name, 0]));
const unexplained = [];
let identical = 0;
calls.forEach((each, i) => {
  if (equal(theirs.answers[i], mine.answers[i])) {
    identical += 1;
    return;
  }
  const found = differences.find(([, applies]) => applies(each, theirs.answers[i], mine.answers[i]));
  if (found) used.set(found[0], used.get(found[0]) + 1);
  else unexplained.push(i);
});
await check(`${calls.length} calls: ${identical} answers are the same, and each other one differs `
  + 'in a way that has a name', (assert) => {
  const shown = (answer) => JSON.stringify(answer.error ?? answer.result).slice(0, 600);
  for (const i of unexplained) {
    console.log(`DIFFERS ${JSON.stringify(calls[i])}\n  reference ${shown(theirs.answers[i])}\n`
      + `  ours      ${shown(mine.answers[i])}`);
  }
  assert.equal(unexplained.length, 0);
});
for (const [name, count] of used) {
  await check(`${String(count).padStart(4)} × ${name}`, (assert) => assert.ok(count > 0));
}
await check('the same files are left, but for the line breaks that were kept', (assert) => {
  const encoded = mine.files['inside/crlf.txt'];
  const [mode, bytes] = encoded.split(' ');
  const kept = Buffer.from(bytes, 'base64').toString();
  assert.ok(kept.includes('\r\n') && !/[^\r]\n/.test(kept));
  mine.files['inside/crlf.txt'] =
    `${mode} ${Buffer.from(kept.replaceAll('\r\n', '\n')).toString('base64')}`;
  assert.deepEqual(mine.files, theirs.files);
});

await check('what goes to stderr', (assert) => {
  assert.match(theirs.stderr, /^Secure MCP Filesystem Server running on stdio$/m);
  assert.match(mine.stderr, /^Secure MCP Filesystem Server running on stdio$/m);
});
await check('the same words and exit codes for directories that can not be used', (assert) => {
  build();
  const start = (command, ...directories) => {
    const { status, stderr } = spawnSync(command[0], [...command.slice(1), ...directories], {
      input: '', encoding: 'utf8', timeout: 120_000,
    });
    return { status, lines: stderr.split('\n').filter((line) => /^(Warning|Error|Secure)/.test(line)) };
  };
  for (const directories of [
    [join(root, 'none')], [join(root, 'hello.txt')], [join(root, 'none'), root],
    [join(root, 'hello.txt'), root], [root],
  ]) assert.deepEqual(start(commands.ours, ...directories), start(commands.reference, ...directories));
});
rmSync(base, { recursive: true, force: true });
finish();
