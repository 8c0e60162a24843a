#!/usr/bin/env bash
# The official conformance suite against everything-server, one process for every revision.
# usage: tests/conformance/run.sh BIN FOLDER (for what the suite says)
set -euo pipefail
bin=$(realpath "$1")
peers=$(realpath "$(dirname "$0")/../peers/node_modules/.bin")
mkdir -p "$2"
cd "$2"
export PATH=$peers:$PATH

"$bin/everything-server" --http 127.0.0.1:0 2>server.log &
server=$!
trap 'kill $server' EXIT
until url=$(grep -o 'http://[^ ]*' server.log); do sleep 0.1; done

rm -rf results
failed=0
# suite NAME OPTIONS...
suite() {
  local name=$1
  shift
  conformance server --url "$url" "$@" -o "results/$name" >"$name.txt" 2>&1 || failed=1
  echo "$name: $(grep -c '^✓' "$name.txt") scenarios pass, $(grep -c '^✗' "$name.txt" || true) fail"
  ! grep '^✗' "$name.txt" || failed=1
}
suite 2025-03-26 --suite all --spec-version 2025-03-26
suite 2025-06-18 --suite all --spec-version 2025-06-18
suite 2025-11-25 --requirements 2025-11-25
suite 2026-07-28 --requirements 2026-07-28
! grep -l '"WARNING"' results/*/*/checks.json || failed=1
exit $failed
