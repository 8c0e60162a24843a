#!/usr/bin/env bash
# clang-tidy over the sources of the SDK, the servers and the agent, with the flags of build/.
set -euo pipefail
cd "$(dirname "$0")/.."
database=$(mktemp -d)
trap 'rm -rf "$database"' EXIT
# g++'s warning options mean nothing to clang.
cp build/compile_commands.json "$database/"
git ls-files 'mcp/*.cpp' 'servers/*.cpp' 'client/*.cpp' 'examples/*.cpp' |
  xargs -P "$(nproc)" -n 4 clang-tidy-16 -p "$database" --quiet 2>/dev/null
