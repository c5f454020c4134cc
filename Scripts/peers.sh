#!/usr/bin/env bash
# Measures Drumlin's peers beside it: prepares Python and the workloads, then runs Benchmarks/Peers/compare.py.
#
#   Scripts/peers.sh python      prints the Python that has the peers, installing it first where it is missing
#   Scripts/peers.sh workload N  prints the folder of the workload of N predictions, writing it first where it is missing
#   Scripts/peers.sh compare …   compare.py on the standard workloads, with its arguments
#   Scripts/peers.sh storage …   storage.py on the tables named: a number of predictions or a file of trip records each;
#                                then its options
#
# WORKLOAD names workload.py, by default the one in shared/ beside this folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
workload_script=${WORKLOAD:-../shared/peers/workload.py}
environment=.build/peers/python
workloads=.build/peers/workloads

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# Debian's python3 has venv in a package of its own; both are installed only where there is no Python that can.
prepare_python() {
    if [ -x "$environment/bin/python" ] && cmp -s Benchmarks/Peers/requirements.txt "$environment/requirements.txt"; then
        return
    fi
    if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
        command -v apt-get >/dev/null || fail "python3 with venv is missing: install it"
        [ "$(id -u)" = 0 ] || fail "python3 with venv is missing: run \`apt-get install python3 python3-venv\` as root"
        apt-get update -qq </dev/null >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv </dev/null >&2
    fi
    mkdir -p "$(dirname "$environment")"
    python3 -m venv "$environment" >&2
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r Benchmarks/Peers/requirements.txt >&2
    cp Benchmarks/Peers/requirements.txt "$environment/requirements.txt"
}

# Formats whose packages may have no wheel here, each by itself; storage.py says which are missing.
prepare_formats() {
    if cmp -s Benchmarks/Peers/requirements-storage.txt "$environment/requirements-storage.txt"; then
        return
    fi
    while read -r package; do
        [[ "$package" == "#"* ]] || "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
            --only-binary :all: "$package" </dev/null >&2 || echo "$package does not install here" >&2
    done < Benchmarks/Peers/requirements-storage.txt
    cp Benchmarks/Peers/requirements-storage.txt "$environment/requirements-storage.txt"
}

prepare_workload() {
    local folder="$workloads/$1"
    if [ ! -f "$folder/task.json" ]; then
        [ -f "$workload_script" ] || fail "$workload_script is missing: name workload.py with WORKLOAD=path"
        prepare_python
        echo "writing the workload of $1 predictions" >&2
        "$environment/bin/python" -B "$workload_script" "$1" "$folder" >&2
    fi
}

case "${1:-}" in
    python)
        prepare_python
        echo "$PWD/$environment/bin/python"
        ;;
    workload)
        [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || fail "usage: Scripts/peers.sh workload N"
        prepare_workload "$2"
        echo "$PWD/$workloads/$2"
        ;;
    compare)
        shift
        prepare_python
        for size in 10000 100000 1000000; do
            prepare_workload "$size"
        done
        exec "$environment/bin/python" -B Benchmarks/Peers/compare.py "$workloads" "$@"
        ;;
    storage)
        shift
        prepare_python
        prepare_formats
        tables=()
        while [ $# -gt 0 ] && [[ "$1" != -* ]]; do
            if [[ "$1" =~ ^[1-9][0-9]*$ ]]; then
                prepare_workload "$1"
                tables+=("$workloads/$1")
            else
                [ -f "$1" ] || fail "$1 is neither a number of predictions nor a file"
                tables+=("$1")
            fi
            shift
        done
        exec "$environment/bin/python" -B Benchmarks/Peers/storage.py "${tables[@]}" "$@"
        ;;
    *)
        fail "usage: Scripts/peers.sh python | workload N | compare [ARGUMENT …] | storage TABLE … [ARGUMENT …]"
        ;;
esac
