// Mozilla's Readability and Turndown over pages, as programs for models use them.
// usage: readability_peer.mjs NODE_MODULES jsdom|linkedom FOLDER ROUNDS
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, dom, folder, rounds] = process.argv.slice(2);
const require = createRequire(join(modules, 'x.js'));
const { Readability } = require('@mozilla/readability');
const Turndown = require('turndown');
const { gfm } = require('turndown-plugin-gfm');
const open = dom === 'jsdom'
  ? (html) => new (require('jsdom').JSDOM)(html, { url: 'https://a.example/' }).window.document
  : (html) => require('linkedom').parseHTML(html).document;
const turndown = new Turndown({ headingStyle: 'atx', codeBlockStyle: 'fenced' });
turndown.use(gfm);

const extract = (html) => {
  const article = new Readability(open(html)).parse();
  return article === null ? '' : `# ${article.title}\n\n${turndown.turndown(article.content)}`;
};
for (const file of readdirSync(folder).filter((each) => each.endsWith('.html')).sort()) {
  const html = readFileSync(join(folder, file), 'utf8');
  const markdown = extract(html);
  const begin = process.hrtime.bigint();
  for (let i = 0; i < Number(rounds); ++i) extract(html);
  const ms = Number(process.hrtime.bigint() - begin) / 1e6 / Number(rounds);
  console.log(JSON.stringify({ name: file.slice(0, -5), ms, markdown }));
}
console.log(JSON.stringify({ mb: process.resourceUsage().maxRSS / 1024 }));
