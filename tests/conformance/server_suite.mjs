// node server_suite.mjs EVERYTHING_SERVER [FOLDER]
//
// Runs the official conformance suite against one server process, for every revision, and judges by
// the checks themselves: the suite calls a scenario green that warned or that checked nothing.
// What the suite writes goes to FOLDER (default: a temporary one, kept when something fails).

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

const require = createRequire(path.join(import.meta.dirname, '../peers/package.json'));
const suite = path.join(
    path.dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js');

// The scenarios that each run must hold: one less would be a scenario that nobody looked at.
const runs = [
    { name: '2025-03-26', options: ['--suite', 'all', '--spec-version', '2025-03-26'], scenarios: 1 },
    { name: '2025-06-18', options: ['--suite', 'all', '--spec-version', '2025-06-18'], scenarios: 27 },
    { name: '2025-11-25', options: ['--requirements', '2025-11-25'], scenarios: 33 },
    { name: '2026-07-28', options: ['--requirements', '2026-07-28'], scenarios: 50 },
    { name: 'all', options: ['--suite', 'all'], scenarios: 65 }
];
// The suite itself always skips these.
const skipped = new Set(['tasks-status-notifications']);
// A server that does not declare an extension is asked nothing about it.
const least = new Map([
    ['sep-2640-skills-directory', 6], ['sep-2640-skills-enumeration', 32], ['sep-2640-skills-manifest', 3]
]);

const [program, wanted] = process.argv.slice(2);
const folder = wanted ?? fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
const server = spawn(program, ['--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
const url = await new Promise((resolve, reject) => {
    let log = '';
    server.stderr.setEncoding('utf8');
    server.stderr.on('data', text => {
        log += text;
        const found = /http:\/\/\S+\/mcp/.exec(log);
        if (found) resolve(found[0]);
    });
    server.on('exit', () => reject(new Error(`the server ended: ${log}`)));
});
server.removeAllListeners('exit');

let failures = 0;
function fail(text) {
    ++failures;
    console.log(`FAILED ${text}`);
}

for (const { name, options, scenarios } of runs) {
    const out = path.join(folder, name);
    fs.rmSync(out, { recursive: true, force: true });
    const run = spawnSync(process.execPath, [suite, 'server', '--url', url, ...options, '-o', out],
                          { encoding: 'utf8', maxBuffer: 1 << 26 });
    const found = fs.existsSync(out) ? fs.readdirSync(out).sort() : [];
    if (found.length !== scenarios) {
        fail(`${name}: ${found.length} scenarios instead of ${scenarios}`);
        console.log(run.stdout + run.stderr);
    }
    let passed = 0;
    for (const result of found) {
        const scenario = result.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');
        const checks = JSON.parse(fs.readFileSync(path.join(out, result, 'checks.json'), 'utf8'));
        const bad = checks.filter(check => ['FAILURE', 'WARNING'].includes(check.status));
        for (const { id, status, errorMessage } of bad)
            fail(`${name} ${scenario}: ${status} ${id}: ${errorMessage}`);
        const successes = checks.filter(check => check.status === 'SUCCESS').length;
        if (successes < (least.get(scenario) ?? 1) && !skipped.has(scenario))
            fail(`${name} ${scenario}: only ${successes} checks`);
        if (bad.length === 0) ++passed;
    }
    console.log(`${name}: ${passed} of ${found.length} scenarios pass`);
}
server.kill();
if (failures === 0 && wanted === undefined) fs.rmSync(folder, { recursive: true });
if (failures > 0) console.log(`${failures} failures; the suite's results are in ${folder}`);
process.exit(failures === 0 ? 0 : 1);
