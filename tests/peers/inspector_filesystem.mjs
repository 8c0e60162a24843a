// The MCP Inspector's command line uses the filesystem server, in both eras.
// usage: node inspector_filesystem.mjs PATH-OF-MCP-SERVER-FILESYSTEM
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, finish } from './check.mjs';
import { inspector } from './inspect.mjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fairlead-inspector-')));
const file = join(folder, 'notes.txt');
const inspect = inspector([process.argv[2], folder]);
const call = (era, name, values) =>
  inspect(era, '--method', 'tools/call', '--tool-name', name, '--tool-args-json',
    JSON.stringify(values));

for (const era of ['legacy', 'modern']) {
  writeFileSync(file, 'one\ntwo\n');
  await check(`${era}: tools/list, strictly checked`, async (assert) => {
    const { tools } = await inspect(era, '--method', 'tools/list', '--strict');
    assert.equal(tools.length, 22);
    assert.ok(tools.every(({ outputSchema, annotations }) => outputSchema && annotations));
  });
  await check(`${era}: a file is read and edited`, async (assert) => {
    const read = await call(era, 'read_text_file', { path: file });
    assert.equal(read.content[0].text, 'one\ntwo\n');
    const edited = await call(era, 'edit_file', {
      path: file, edits: [{ oldText: 'two', newText: 'three' }],
    });
    assert.match(edited.content[0].text, /^-two$/m);
    assert.equal(readFileSync(file, 'utf8'), 'one\nthree\n');
  });
  await check(`${era}: nothing outside is read`, async (assert) => {
    const result = await call(era, 'read_text_file', { path: `${folder}/../secret` })
      .catch((error) => JSON.parse(error.stdout));
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /^Access denied/);
  });
  await check(`${era}: files are resources`, async (assert) => {
    const { resourceTemplates } = await inspect(era, '--method', 'resources/templates/list');
    assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), ['file://{+path}']);
    const { contents } =
      await inspect(era, '--method', 'resources/read', '--uri', `file://${file}`);
    assert.deepEqual(contents, [{ uri: `file://${file}`, mimeType: 'text/plain', text: 'one\nthree\n' }]);
  });
}
rmSync(folder, { recursive: true });
finish();
