#!/usr/bin/env bash
# The benchmarks, beside their peers in the same run.
# usage: tests/bench/run.sh BIN SECONDS [stdio|http|streams|schema|codec|executor|filesystem|websearch]...   (none: all)
set -euo pipefail
bin=$1
seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
# Node finds the SDK beside the script's real place.
peers=$here/../peers
node=$peers/node_modules/.bin/node
sample=$(mktemp -d)
trap 'rm -rf "$sample"' EXIT

bench_stdio() {
  echo "stdio, the same 535-byte tools/call"
  printf '%-28s %8s %8s %8s %10s %8s %10s %8s\n' '' 'start ms' 'RSS MB' 'own MB' 'calls/s 1' 'p50 µs' 'calls/s 64' 'CPU µs'
  # The floor runs before and after: what lies between the two is the machine's noise.
  "$bin/stdio_load" 'floor (no protocol)' "$seconds" "$bin/stdio_floor"
  "$bin/stdio_load" 'fairlead, inline handler' "$seconds" "$bin/bench_echo" --inline
  "$bin/stdio_load" 'fairlead, on the pool' "$seconds" "$bin/bench_echo"
  "$bin/stdio_load" 'typescript sdk 2.4.0' "$seconds" "$node" "$peers/typescript_echo.mjs"
  "$bin/stdio_load" 'floor (no protocol)' "$seconds" "$bin/stdio_floor"
  "$bin/mcp-server-database" --make-sample "$sample/shop.db" >/dev/null
  "$bin/stdio_load" 'mcp-server-database' 0 "$bin/mcp-server-database" "$sample/shop.db"
}

bench_http() {
  echo "HTTP, the same tools/call: session era 2025-11-25, stateless era 2026-07-28"
  printf '%-34s %6s %10s %8s %8s %8s %8s\n' '' 'conns' 'calls/s' 'p50 ms' 'p99 ms' 'CPU µs' 'RSS MB'
  "$bin/http_load" 'floor (no protocol)' stateless echo "$seconds" "$bin/http_floor"
  local era form
  for era in session stateless; do
    "$bin/http_load" "fairlead $era, json, inline" "$era" echo "$seconds" "$bin/bench_http_echo" --http --inline
    "$bin/http_load" "fairlead $era, json, pool" "$era" echo "$seconds" "$bin/bench_http_echo" --http
    "$bin/http_load" "fairlead $era, sse, pool" "$era" echo_stream "$seconds" "$bin/bench_http_echo" --http
  done
  "$bin/http_load" 'floor (no protocol)' stateless echo "$seconds" "$bin/http_floor"
  for era in session stateless; do
    for form in json sse; do
      "$bin/http_load" "typescript sdk $era, $form" "$era" echo "$seconds" \
        "$node" "$peers/typescript_http_echo.mjs" "$era" "$form"
    done
  done
}

bench_streams() {
  local count=10000
  [ "$seconds" = 0.2 ] && count=1000
  echo "open streams: what one costs over an idle connection, 64 callers beside them, a change told to all"
  printf '%-34s %8s %10s %8s %10s %10s %10s\n' '' 'streams' 'KB each' 'threads' 'p99 ms 0' 'p99 ms' 'told ms'
  "$bin/http_streams" 'subscriptions/listen (2026-07-28)' stateless $count "$seconds" "$bin/bench_http_echo" --http
  "$bin/http_streams" 'GET of a session (2025-11-25)' session $count "$seconds" "$bin/bench_http_echo" --http
}

bench_schema() {
  echo "schema validation, schemas compiled once"
  "$bin/schema_bench"
  echo "the same with Ajv 8"
  "$bin/schema_bench" --dump "$sample/cases.json"
  "$node" "$here/ajv_bench.mjs" "$sample/cases.json" "$peers"
}

bench_codec() { echo codec && "$bin/codec_bench"; }

bench_executor() { echo executor && "$bin/executor_bench"; }

bench_filesystem() {
  local extent=full
  [ "$seconds" = 0.2 ] && extent=brief
  echo "the filesystem server beside the reference server and ripgrep"
  "$node" "$here/filesystem_bench.mjs" "$bin/mcp-server-filesystem" "$peers" "$extent"
}

bench_websearch() {
  local count=10000 extent=full
  [ "$seconds" = 0.2 ] && count=1000 extent=brief
  echo "the index of the web search server, beside plain FTS5"
  "$bin/websearch_bench" $count "$sample/websearch"
  echo "pages to Markdown, beside Mozilla's Readability with Turndown"
  "$node" "$here/extraction_bench.mjs" "$bin" "$peers/node_modules" $extent
}

[ $# -gt 0 ] || set -- stdio http streams schema codec executor filesystem websearch
for section; do
  "bench_$section"
  echo
done
