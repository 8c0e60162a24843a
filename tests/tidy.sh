#!/usr/bin/env bash
# clang-tidy over the sources of the SDK, the servers and the agent, with the flags of build/.
set -euo pipefail
cd "$(dirname "$0")/.."
# g++'s own warning options mean nothing to clang.
git ls-files 'mcp/*.cpp' 'servers/*.cpp' 'client/*.cpp' 'examples/*.cpp' |
  xargs -P "$(nproc)" -n 4 clang-tidy-16 -p build --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null
