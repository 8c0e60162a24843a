// node client_suite.mjs EVERYTHING_CLIENT [SCENARIO...]
//
// Runs every client scenario of the official conformance suite, in every revision that it belongs
// to, one by one: only then the suite looks at the client's exit status. Each must have checked
// something, and nothing is expected to fail. Scenarios that may end with an error are named by the
// suite, which decides by its own exit status.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(path.join(import.meta.dirname, '../peers/package.json'));
const suite = path.join(
    path.dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js');
const environment = { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };

/// Its exit status and what it printed.
async function run(...args) {
    try {
        const { stdout, stderr } = await promisify(execFile)(
            process.execPath, [suite, ...args], { env: environment, maxBuffer: 1 << 26 });
        return { status: 0, output: stdout + stderr };
    } catch (error) {
        return { status: error.code, output: `${error.stdout}${error.stderr}` };
    }
}

const [client, ...wanted] = process.argv.slice(2);
const runs = [];
for (const line of (await run('list', '--client')).output.split('\n')) {
    const [, scenario, versions] = /^ {2}- (\S+) \[(.*)\]$/.exec(line) ?? [];
    if (scenario === undefined || (wanted.length > 0 && !wanted.includes(scenario))) continue;
    for (const version of versions.split(',')) {
        if (version !== 'extension') {
            runs.push({ scenario, version, options: ['--spec-version', version] });
            continue;
        }
        // Extensions belong to no revision: each era's wire.
        for (const wire of ['2025-11-25', '2026-07-28']) {
            runs.push({ scenario, version: wire, options: ['--spec-version', wire, '--force'] });
        }
    }
}

let failures = 0;
async function work() {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
        const { scenario, version, options } = next;
        const { status, output } = await run(
            'client', '--command', client, '--scenario', scenario, ...options, '--timeout', '60000');
        const passed = Number(/Passed: (\d+)\/\d+, 0 failed, 0 warnings/.exec(output)?.[1] ?? 0);
        const ok = status === 0 && passed > 0;
        console.log(`${ok ? 'ok    ' : 'FAILED'} ${scenario} ${version}: ${passed} checks`);
        if (ok) continue;
        ++failures;
        console.log(output);
    }
}
const all = runs.length;
await Promise.all([work(), work(), work()]);
console.log(`${all - failures} of ${all} scenarios pass`);
process.exit(failures === 0 && all > 0 ? 0 : 1);
