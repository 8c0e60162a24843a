#!/usr/bin/env bash
# Every benchmark, beside its peers in the same run. usage: tests/bench/run.sh BIN [SECONDS]
set -euo pipefail
bin=$1
seconds=${2:-3}
here=$(cd "$(dirname "$0")" && pwd)
node=$here/../peers/node_modules/.bin/node

echo "stdio, the same 535-byte tools/call"
printf '%-28s %8s %8s %8s %10s %8s %10s %8s\n' '' 'start ms' 'RSS MB' 'own MB' 'calls/s 1' 'p50 µs' 'calls/s 64' 'CPU µs'
# The floor runs before and after: what lies between the two is the machine's noise.
"$bin/stdio_load" 'floor (no protocol)' "$seconds" "$bin/stdio_floor"
"$bin/stdio_load" 'fairlead, inline handler' "$seconds" "$bin/bench_echo" --inline
"$bin/stdio_load" 'fairlead, on the pool' "$seconds" "$bin/bench_echo"
# Node finds the SDK beside the script's real place.
"$bin/stdio_load" 'typescript sdk 2.4.0' "$seconds" "$node" "$here/../peers/typescript_echo.mjs"
"$bin/stdio_load" 'floor (no protocol)' "$seconds" "$bin/stdio_floor"
sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT
"$bin/mcp-server-database" --make-sample "$sample/shop.db" >/dev/null
"$bin/stdio_load" 'mcp-server-database' 0 "$bin/mcp-server-database" "$sample/shop.db"

echo
echo "schema validation, schemas compiled once"
"$bin/schema_bench"
echo "the same with Ajv 8"
"$bin/schema_bench" --dump "$sample/cases.json"
"$node" "$here/ajv_bench.mjs" "$sample/cases.json" "$here/../peers"

for program in codec_bench executor_bench; do
  echo
  echo "$program"
  "$bin/$program"
done
