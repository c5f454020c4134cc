#!/usr/bin/env bash
# Installs what a build needs beyond Swift: the headers of liblz4. Prints nothing where they are there.
set -euo pipefail

has_lz4() {
    local directory
    for directory in /usr/include /usr/local/include /opt/homebrew/include; do
        [ -f "$directory/lz4.h" ] && return 0
    done
    return 1
}

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

has_lz4 && exit 0

if [ "$(uname -s)" = Darwin ]; then
    command -v brew >/dev/null || fail "lz4.h is missing, and so is Homebrew: install liblz4 yourself"
    brew install lz4
elif command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        as_root=(env)
    elif command -v sudo >/dev/null; then
        as_root=(sudo)
    else
        fail "lz4.h is missing: run \`apt-get install liblz4-dev\` as root, then again"
    fi
    echo "installing liblz4-dev (lz4.h is missing)" >&2
    "${as_root[@]}" apt-get update -qq </dev/null
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq liblz4-dev </dev/null >/dev/null
else
    fail "lz4.h is missing: install the development files of liblz4 with this system's package manager"
fi
has_lz4 || fail "liblz4-dev was installed, but lz4.h is still not found"
