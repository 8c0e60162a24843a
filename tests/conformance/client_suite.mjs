// node client_suite.mjs EVERYTHING_CLIENT [SCENARIO...]
//
// Runs the official conformance suite against the client, scenario by scenario, because only then it
// looks at the client's exit status, and demands that each scenario checked something. Scenarios that
// may end with an error are named by the suite, which decides by its own exit status.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(import.meta.dirname, '../peers/package.json'));
const suite = path.join(
    path.dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js');

const any = [undefined]; // the suite chooses the revision
const scenarios = {
    initialize: ['2025-06-18', '2025-11-25'],
    tools_call: ['2025-06-18', '2025-11-25', '2026-07-28'],
    'elicitation-sep1034-client-defaults': ['2025-11-25'],
    'sse-retry': ['2025-11-25'],
    'json-schema-2020-12-preservation': ['2025-11-25', '2026-07-28'],
    'request-metadata': ['2026-07-28'],
    'sep-2322-client-request-state': ['2026-07-28'],
    'http-standard-headers': ['2026-07-28'],
    'http-custom-headers': ['2026-07-28'],
    'http-invalid-tool-headers': ['2026-07-28'],
    'json-schema-ref-no-deref': ['2026-07-28'],
    'sep-2640-client-no-prefetch': any,
    'sep-2640-client-verify-digest': any,
    'sep-2640-client-verify-size': any,
    'sep-2640-client-verify-frontmatter': any
};

const [client, ...wanted] = process.argv.slice(2);
let failures = 0;
for (const [scenario, revisions] of Object.entries(scenarios)) {
    if (wanted.length > 0 && !wanted.includes(scenario)) continue;
    for (const revision of revisions) {
        const version = revision === undefined ? [] : ['--spec-version', revision];
        const run = spawnSync(
            process.execPath,
            [suite, 'client', '--command', client, '--scenario', scenario, ...version],
            {
                encoding: 'utf8',
                env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` }
            });
        const output = run.stdout + run.stderr;
        const passed = Number(/Passed: (\d+)\/\d+, 0 failed, 0 warnings/.exec(output)?.[1] ?? 0);
        const ok = run.status === 0 && passed > 0;
        console.log(`${ok ? 'ok    ' : 'FAILED'} ${scenario} ${revision ?? ''}: ${passed} checks`);
        if (!ok) {
            ++failures;
            console.log(output);
        }
    }
}
process.exit(failures === 0 ? 0 : 1);
