#!/bin/sh
# tours CLIENT_TOUR FOLDER: our client against servers of others, over stdio.
# FOLDER's node_modules holds node and the packages named below.
set -eu
tour=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
cd "$2"
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
packages=node_modules/@modelcontextprotocol
work=$(mktemp -d /tmp/fairlead-tours.XXXXXX)
trap 'rm -rf "$work"' EXIT

visit() {
  name=$1
  shift
  if "$tour" "$@" >"$work/log" 2>&1; then
    printf '%-22s %s\n' "$name" "$(tail -n 1 "$work/log")"
  else
    cat "$work/log"
    echo "$name: FAILED"
    exit 1
  fi
}

cat >"$work/everything.json" <<END
{"gzip-file-as-resource": {"name": "a.txt.gz", "data": "data:text/plain,hello", "outputType": "resource"},
 "trigger-long-running-operation": {"duration": 1, "steps": 4},
 "resource-prompt": {"resourceType": "Text", "resourceId": "1"}}
END
visit everything --listen --arguments "$work/everything.json" -- \
  node $packages/server-everything/dist/index.js stdio

mkdir "$work/files"
echo "hello" >"$work/files/a.txt"
printf 'GIF89a' >"$work/files/a.gif"
cat >"$work/filesystem.json" <<END
{"read_file": {"path": "$work/files/a.txt"}, "read_text_file": {"path": "$work/files/a.txt"},
 "read_media_file": {"path": "$work/files/a.gif"},
 "read_multiple_files": {"paths": ["$work/files/a.txt"]},
 "write_file": {"path": "$work/files/b.txt", "content": "hello"},
 "edit_file": {"path": "$work/files/b.txt", "edits": [{"oldText": "hello", "newText": "goodbye"}]},
 "create_directory": {"path": "$work/files/c"}, "list_directory": {"path": "$work/files"},
 "list_directory_with_sizes": {"path": "$work/files"}, "directory_tree": {"path": "$work/files"},
 "move_file": {"source": "$work/files/b.txt", "destination": "$work/files/c/b.txt"},
 "search_files": {"path": "$work/files", "pattern": "**/*.txt"},
 "get_file_info": {"path": "$work/files/a.txt"}}
END
# Roots replace the folders of the command line, and client_tour offers /tmp.
visit filesystem --arguments "$work/filesystem.json" -- \
  node $packages/server-filesystem/dist/index.js "$work/files"
visit memory -- env MEMORY_FILE_PATH="$work/memory.json" node $packages/server-memory/dist/index.js
visit sequential-thinking -- node $packages/server-sequential-thinking/dist/index.js
visit "modern, stateless" --listen -- node "$here/modern_server.mjs" --reject-session
visit "modern, session" --era session -- node "$here/modern_server.mjs"
