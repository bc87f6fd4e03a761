#!/usr/bin/env bash
# Everything that is checked without running the program. Says all that is wrong, not the first.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=0

look() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then
        printf '  \033[32m✓\033[0m %s\n' "$name"
    else
        printf '  \033[31m✗\033[0m %s\n%s\n' "$name" "$out"
        failed=1
    fi
}

no_addresses() {
    ! grep -nE 'https?://' requirements.lock deploy/uv.lock
}

decisions_are_numbered() {
    local expected=1 file
    for file in docs/decisions/[0-9]*.md; do
        [[ $(basename "$file") == $(printf '%04d' $expected)-* ]] || { echo "$file: gap"; return 1; }
        expected=$((expected + 1))
    done
}

look "format" "$bin/ruff" format --check .
look "lint" "$bin/ruff" check .
look "types" "$bin/mypy"
look "import contracts" "$bin/lint-imports" --no-cache
look "generated files are current" "$bin/python" deploy/generate.py --check
look "lock files name no registry" no_addresses
look "decisions are numbered without gaps" decisions_are_numbered
exit $failed
