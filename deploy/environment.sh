#!/bin/sh
# Build the environment: environment.sh FOLDER LOCK STAMP
# Packages come from the lock, with their hashes; nothing is done twice for one lock.
set -eu
folder=$1 lock=$2 stamp=$3

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for name in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3 python; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
        then
            command -v "$name"
            return
        fi
    done
    return 1
}

make_folder() {
    python=$(find_python) || {
        say "Greenroom needs Python 3.11 or newer, and none was found. Install it:" \
            "apt install python3 python3-venv (Debian 12 or newer), brew install python" \
            "(macOS), or from https://www.python.org/downloads/"
        exit 2
    }
    "$python" -c 'import venv, ensurepip' 2>/dev/null || {
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "Python at $python cannot make environments, because its venv module is" \
            "missing. Install it: apt install python$version-venv (Debian, Ubuntu), then" \
            "run make again."
        exit 2
    }
    say "Making the environment with $python …"
    rm -rf "$folder"
    "$python" -m venv "$folder"
}

# An environment whose Python went away (an upgrade of the system) is made anew.
"$folder/bin/python" -c 'import sys' 2>/dev/null || make_folder
if ! "$folder/bin/python" -m uv --version >/dev/null 2>&1; then
    say "Installing packages (half a minute the first time) …"
    "$folder/bin/python" -m pip install -q --disable-pip-version-check uv || {
        say "The packages cannot be fetched; the lines above say why. The first start" \
            "needs a way to the Python package index, or to a mirror of it (PIP_INDEX_URL)."
        exit 2
    }
fi
# uv does not look at the mirror that pip is told of.
if [ -n "${PIP_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}"
fi
VIRTUAL_ENV=$PWD/$folder "$folder/bin/python" -m uv pip install -q --require-hashes \
    -r "$lock" || {
    say "The packages of $lock cannot be installed; the lines above say why."
    exit 2
}
touch "$stamp"
