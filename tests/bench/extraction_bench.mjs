// Pages to Markdown, beside Mozilla's Readability with Turndown: how much of the main text is there
// (recall), how much of what is there is main text (precision), how long it takes, in how much memory.
// usage: extraction_bench.mjs BIN NODE_MODULES [brief]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { extractionPages } from './extraction_pages.mjs';

const [bin, modules, extent] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const rounds = extent === 'brief' ? 1 : 20;
const folder = mkdtempSync(join(tmpdir(), 'fairlead-pages-'));
const pages = extractionPages();
for (const page of pages) writeFileSync(join(folder, `${page.name}.html`), page.html);

const run = (program, args) => {
  const lines = execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 }).trim().split('\n').map((line) => JSON.parse(line));
  return { mb: lines.pop().mb, of: new Map(lines.map((line) => [line.name, line])) };
};
const peer = (dom) => run(process.execPath, [join(here, 'readability_peer.mjs'), modules, dom, folder, String(rounds)]);
const systems = {
  'this server': run(join(bin, 'extraction_bench'), [folder, String(rounds * 5)]),
  'Readability, jsdom': peer('jsdom'),
  'Readability, linkedom': peer('linkedom'),
};
rmSync(folder, { recursive: true });

/// Words, and of scripts without spaces characters, and how often each is there.
function tokens(text) {
  const counts = new Map();
  for (const [token] of text.toLowerCase().matchAll(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|[\p{L}\p{N}]+/gu)) {
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return counts;
}
const sum = (counts) => [...counts.values()].reduce((a, b) => a + b, 0);
function score(markdown, main) {
  // An address is no text, nor is an item's number.
  const found = tokens(markdown.replace(/\]\([^)]*\)/g, ']').replace(/^[\s>]*\d+\.\s/gm, ''));
  const wanted = tokens(main);
  let both = 0;
  for (const [token, count] of found) both += Math.min(count, wanted.get(token) ?? 0);
  return { recall: both / sum(wanted), precision: sum(found) === 0 ? 0 : both / sum(found) };
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const names = Object.keys(systems);
console.log(`  ${pages.length} pages, recall / precision of the main text`);
console.log(`  ${''.padEnd(9)}${names.map((name) => name.padStart(23)).join('')}`);
for (const kind of [...new Set(pages.map((page) => page.kind)), 'all']) {
  const of = pages.filter((page) => kind === 'all' || page.kind === kind);
  const cells = names.map((name) => {
    const scores = of.map((page) => score(systems[name].of.get(page.name).markdown, page.main));
    return `${mean(scores.map((s) => s.recall)).toFixed(3)} / ${mean(scores.map((s) => s.precision)).toFixed(3)}`.padStart(23);
  });
  console.log(`  ${kind.padEnd(9)}${cells.join('')}`);
}
const time = (name) => mean(pages.map((page) => systems[name].of.get(page.name).ms));
console.log(`  ${'ms a page'.padEnd(9)}${names.map((name) => time(name).toFixed(3).padStart(23)).join('')}`);
console.log(`  ${'MB at most'.padEnd(9)}${names.map((name) => systems[name].mb.toFixed(1).padStart(23)).join('')}`);
if (process.env.FAIRLEAD_EXTRACTION_DETAILS) {
  for (const page of pages) {
    for (const name of names) {
      const { recall, precision } = score(systems[name].of.get(page.name).markdown, page.main);
      console.log(`${page.name} ${name} ${recall.toFixed(3)} ${precision.toFixed(3)}`);
    }
  }
}
