// The cases of schema_bench with Ajv 8, compiled, strict mode off; the best of as many rounds.
//
//   node ajv_bench.mjs FILE FOLDER     FILE from `schema_bench --dump FILE`; FOLDER holds
//                                      node_modules/ajv

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [file, folder] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), 'index.js'));
const { default: Ajv } = require('ajv/dist/2020.js');

for (const { name, schema, instance } of JSON.parse(readFileSync(file, 'utf8'))) {
  const validate = new Ajv({ strict: false }).compile(schema);
  if (!validate(instance)) throw new Error(`${name}: the instance is not valid`);
  let best = Infinity;
  for (let round = 0; round < 60; ++round) {
    let runs = 0;
    const start = process.hrtime.bigint();
    let spent = 0n;
    do {
      for (let i = 0; i < 256; ++i) runs += validate(instance) ? 1 : 0;
      spent = process.hrtime.bigint() - start;
    } while (spent < 10_000_000n);
    best = Math.min(best, Number(spent) / runs);
  }
  console.log(`${name.padEnd(34)} ${best.toFixed(0).padStart(10)} ns`);
}
