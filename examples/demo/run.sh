#!/usr/bin/env bash
# The demo: an agent answers three questions from a sample database, through mcp-server-database.
# usage: run.sh BIN
set -euo pipefail
bin=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
gateway_pid=
trap '[ -z "$gateway_pid" ] || kill "$gateway_pid" 2>/dev/null; rm -rf "$work"' EXIT

"$bin/mcp-server-database" --make-sample "$work/shop.db"

model=()
if [ -z "${FAIRLEAD_GATEWAY:-}${OPENAI_API_KEY:-}${OPENAI_BASE_URL:-}${ANTHROPIC_API_KEY:-}${ANTHROPIC_AUTH_TOKEN:-}${ANTHROPIC_BASE_URL:-}" ]; then
  echo "No gateway is configured in the environment, so the model's turns are replayed from a"
  echo "recording, over HTTP on this machine. Tools, protocol, server and SQL run live."
  # Its first line is its address.
  exec 3< <(exec "$bin/fairlead" replay-gateway "$here/shop.json")
  gateway_pid=$!
  read -r address <&3
  model=(--gateway "$address" --api openai --model recorded)
fi

ask() {
  printf '\n\033[1m> %s\033[0m\n' "$1"
  "$bin/fairlead" run "${model[@]}" --server "$bin/mcp-server-database $work/shop.db" "$1"
}
ask "Which five customers spent most in 2025?"
ask "Which category earns most, and which month was the best?"
ask "How many orders were returned? Delete them."
