// What the MCP Inspector's command line says of a server.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bin = join(dirname(fileURLToPath(import.meta.url)), 'node_modules', '.bin');

/// Asks the server that `where` (a command, or a URL with its transport) leads to:
/// `inspect(era, ...arguments)` gives what the Inspector prints.
export function inspector(where) {
  // It prints nothing in about one of ten runs on a busy machine: ask again then.
  return async (era, ...rest) => {
    for (let attempt = 1; ; attempt += 1) {
      const { stdout } = await run(
        join(bin, 'mcp-inspector'),
        ['--cli', ...where, '--protocol-era', era, ...rest],
        { env: { ...process.env, PATH: `${bin}:${process.env.PATH}` }, timeout: 60_000 },
      );
      if (stdout.trim() !== '' || attempt === 3) return JSON.parse(stdout);
    }
  };
}
