#!/usr/bin/env bash
# Runs the commands of the README and of the articles as they are printed, so that what is printed is true.
#
#   Scripts/documents.sh [--bin FOLDER] [FILE …]     all documents, or those named
#
# FOLDER has the programs (by default that of `swift build --show-bin-path`); `make` in a document builds in this folder
# and installs from there, without optimization, so that what the tests have built is used. --optimized: as a user would.
#
# In a document
#   ```console             a block whose lines after "$ " are commands; a line that ends in \ goes on; the rest is output
#   <!-- file: NAME -->    before any block: the block becomes the file NAME
#   <!-- run: no, WHY -->  before a console block: it is not run
#   <!-- run: exit N … --> before a console block: its commands end with these, in order, and where none is said with 0
# Each document runs in one shell, in a folder of its own that has Examples/ and is its home; the README's is the clone.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

bin=
optimized=
documents=()
while [ $# -gt 0 ]; do
    case "$1" in
        --bin) bin=$(cd "$2" && pwd); shift ;;
        --optimized) optimized=1 ;;
        -*) fail "usage: Scripts/documents.sh [--bin FOLDER] [--optimized] [FILE …]" ;;
        *) documents+=("$(cd "$(dirname "$1")" && pwd)/$(basename "$1")") ;;
    esac
    shift
done
if [ ${#documents[@]} = 0 ]; then
    documents=("$root/README.md" "$root"/Examples/README.md "$root"/Sources/Drumlin/Drumlin.docc/*.md)
fi
[ -n "$bin" ] || bin=$(cd "$root" && swift build --show-bin-path ${BUILD_FLAGS:-})

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Turns a document into FOLDER/steps: a line a step, "file NAME NUMBER" or "run STATUS LINE NUMBER", whose text is in
# FOLDER/NUMBER.
extract() {
    awk -v folder="$2" '
        function step(line, text) {
            number += 1
            print line, number > (folder "/steps")
            printf "%s", text > (folder "/" number)
            close(folder "/" number)
        }
        function flush() {
            if (command != "") { held += 1; commands[held] = command; lines[held] = commandLine }
            command = ""
        }
        !inside && /^<!-- file: .* -->$/ { name = $3; next }
        !inside && /^<!-- run: no/ { skip = 1; next }
        !inside && /^<!-- run: exit( [0-9]+)+ -->$/ { split($0, statuses, " "); next }
        !inside && /^```/ {
            inside = 1; text = ""; held = 0; command = ""; goesOn = 0
            kind = name != "" ? "file" : ($0 == "```console" && !skip ? "console" : "other")
            next
        }
        inside && /^```$/ {
            if (kind == "file") step("file " name, text)
            flush()
            for (i = 1; i <= held; i++) step("run " statuses[i + 3] + 0 " " lines[i], commands[i])
            inside = 0; name = ""; skip = 0; held = 0; split("", statuses)
            next
        }
        inside && kind == "file" { text = text $0 "\n" }
        inside && kind == "console" {
            if (goesOn) { command = command $0 "\n" }
            else if (/^\$ /) { flush(); command = substr($0, 3) "\n"; commandLine = FNR }
            else { flush(); goesOn = 0; next }
            goesOn = /\\$/
            next
        }
        # A blank line, or text, parts a mark from what it was for.
        !inside && NF > 0 { name = ""; skip = 0; split("", statuses) }
    ' "$1"
}

# What `make` is in a document: the one of this folder, wherever the document is.
mkdir -p "$scratch/bin"
cat > "$scratch/bin/make" <<END
#!/usr/bin/env bash
exec "$(command -v make)" --no-print-directory -C "$root" "\$@"
END
chmod +x "$scratch/bin/make"
if [ -z "$optimized" ]; then
    export CONFIGURATION=debug INSTALL_FLAGS= DEMO_FLAGS="--weeks 2" EXAMPLE_FLAGS="--per-day 150"
fi

count=0
for document in "${documents[@]}"; do
    [ -f "$document" ] || continue
    name=${document#"$root"/}
    folder="$scratch/$(basename "$document" .md)"
    mkdir -p "$folder/steps" "$folder/home"
    extract "$document" "$folder/steps"
    [ -f "$folder/steps/steps" ] || continue
    cp -r "$root/Examples" "$folder/home/"
    start=$SECONDS
    (
        cd "$folder/home"
        export HOME="$folder/home" PATH="$scratch/bin:$bin:$PATH"
        set +eu
        while read -r kind first second third <&3; do
            if [ "$kind" = file ]; then
                cp "$folder/steps/$second" "$first"
                continue
            fi
            source "$folder/steps/$third" > "$folder/output" 2>&1 < /dev/null
            status=$?
            if [ $status != "$first" ]; then
                printf '%s:%s: error: ended with %s, not %s\n$ %s\n' \
                    "$name" "$second" $status "$first" "$(cat "$folder/steps/$third")" >&2
                tail -n 40 "$folder/output" >&2
                exit 1
            fi
        done 3< "$folder/steps/steps"
    ) || exit 1
    commands=$(grep -c '^run' "$folder/steps/steps" || true)
    count=$((count + commands))
    printf '%s: %s commands, %s s\n' "$name" "$commands" $((SECONDS - start))
done
printf 'all %s commands of the documents run as printed\n' "$count"
