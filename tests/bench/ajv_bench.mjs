// The cases of schema_bench with Ajv 8, compiled, strict mode off.
//
//   node ajv_bench.mjs FILE      (FILE from `schema_bench --dump FILE`; `ajv` must be installed
//                                 where node looks for modules from the current folder)

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'index.js'));
const { default: Ajv } = require('ajv/dist/2020.js');

for (const { name, schema, instance } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const validate = new Ajv({ strict: false }).compile(schema);
  if (!validate(instance)) throw new Error(`${name}: the instance is not valid`);
  let best = Infinity;
  for (let round = 0; round < 6; ++round) {
    let runs = 0;
    const start = process.hrtime.bigint();
    let spent = 0n;
    do {
      for (let i = 0; i < 16; ++i) runs += validate(instance) ? 1 : 0;
      spent = process.hrtime.bigint() - start;
    } while (spent < 100_000_000n);
    best = Math.min(best, Number(spent) / runs);
  }
  console.log(`${name.padEnd(24)} ${best.toFixed(0).padStart(12)} ns`);
}
