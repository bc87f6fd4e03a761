#!/usr/bin/env bash
# Resolves the lock files: every wheel by hash, for every platform, and no address in them.
set -euo pipefail
cd "$(dirname "$0")/.."
flags=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet)
uv=${UV:-.venv/bin/uv}
"$uv" pip compile "${flags[@]}" "$@" pyproject.toml --extra embedded --extra dev -o requirements.lock
echo "uv==$("$uv" --version | cut -d' ' -f2)" | "$uv" pip compile "${flags[@]}" "$@" - -o deploy/uv.lock
