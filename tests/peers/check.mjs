// Small enough to read before the tests that use it: named checks, a closing line, an exit code.
import assert from 'node:assert/strict';

let passed = 0;
let failed = 0;

export async function check(name, body) {
  try {
    await body(assert);
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${String(error?.stack ?? error).replaceAll('\n', '\n     ')}`);
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
