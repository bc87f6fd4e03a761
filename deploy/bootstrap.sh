#!/usr/bin/env bash
# Makes .venv from the lock files. Presumes python3 (3.11 or newer) and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Aiuteur needs Python 3.11 or newer; $("$python" --version) is too old." >&2
    exit 1
}
echo "Setting up .venv (once) ..." >&2
rm -rf .venv
if "$python" -c 'import ensurepip' 2>/dev/null; then
    "$python" -m venv .venv
    pip=(.venv/bin/python -m pip)
elif "$python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --without-pip .venv # Debian without python3-venv
    pip=("$python" -m pip --python .venv/bin/python)
else
    echo "Neither venv nor pip is there: install them first (Debian: apt install python3-venv)." >&2
    exit 1
fi
"${pip[@]}" install -qq --disable-pip-version-check --require-hashes -r deploy/uv.lock
export VIRTUAL_ENV=$PWD/.venv UV_LINK_MODE=copy
.venv/bin/uv pip install --quiet --require-hashes -r requirements.lock
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation --editable .
touch .venv/.ready
