#!/usr/bin/env bash
# No installed header includes one that stays behind, or reaches a library that the sources hide.
# usage: headers.sh BUILD COMPILER
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --component headers --prefix "$work" >/dev/null
cd "$work"/include/fairlead
headers=$(find mcp -name '*.h' | sort)
sed 's/.*/#include <&>/' <<<"$headers" | "$2" -std=c++20 -I. -x c++ -M - >reached
hidden='/boost/(asio|beast)/|/simdjson|/httplib|/openssl/|/sqlite3|/re2/'
if grep -oE "[^ ]*($hidden)[^ ]*" reached; then
  echo "installed headers reach the files above; for the way there:  $2 -I. -H -fsyntax-only HEADER"
  exit 1
fi
echo "$(wc -l <<<"$headers") headers reach $(tr ' ' '\n' <reached | grep -c '^/') others, none of them hidden"
