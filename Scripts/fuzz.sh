#!/usr/bin/env bash
# Builds the fuzzer's program with the address sanitizer and lets it run on each target.
#
#   Scripts/fuzz.sh run [TARGET…]        SECONDS_EACH of it on each target (all of them), beginning with Fuzz/Corpus
#   Scripts/fuzz.sh replay TARGET FILE…  one input again, as a finding's message says
#   Scripts/fuzz.sh coverage             how much of the readers the corpus and what was found reaches, by llvm-cov
#   Scripts/fuzz.sh seeds                writes the first inputs anew to Fuzz/Corpus, after a change of the format
#
# What a run finds on its way is kept in .build-fuzz/corpus, findings in .build-fuzz/findings.
set -euo pipefail
cd "$(dirname "$0")/.."

all=(segment log manifest page index checkpoint store csv json)
seconds=${SECONDS_EACH:-60}
scratch=${FUZZ_SCRATCH:-.build-fuzz}
# What reads bytes that a stranger may have written; writers and searches for encodings lie beside it.
readers='^(ColumnFormat/(Bytes|Log|Manifest|Rows|Segment)/|ColumnFormat/Schema/(RowBatch|RowLayout|Schema|DamagedRow)|ColumnEncoding/|ColumnStore/(Segment/SegmentReader|Index/IndexRun(Cursor|Format)?[.]|Log/Log(Reader|Source|End|File)[.]|Manifest/)|ColumnViews/.*(Coding|Record)|CommandSupport/(CSV|JSON|Numbers))'
writers='Encode|Encoder|Encoding/Page/EncodedPage|Derived/Search/|Writer|Builder|SymbolSample|SymbolTraining|SymbolMatcher|StepsFit|TextOutliers|ByteWriter|NodeDescription'
# The stack traces of the sanitizer say more than Swift's.
export SWIFT_BACKTRACE=enable=no DRUMLIN_FUZZ=1 ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}

build() { # KIND FLAGS…: the program's path
    local kind=$1
    shift
    swift build -c release --product Fuzz --scratch-path "$scratch/$kind" --sanitize=fuzzer \
        -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library "$@" >&2
    echo "$(swift build -c release --scratch-path "$scratch/$kind" --show-bin-path)/Fuzz"
}

run() { # PROGRAM TARGET ARGUMENTS…
    local program=$1 target=$2
    shift 2
    mkdir -p "$scratch/corpus/$target" "$scratch/findings/$target"
    DRUMLIN_FUZZ_TARGET=$target "$program" "$@" "$scratch/corpus/$target" "Fuzz/Corpus/$target" \
        -artifact_prefix="$scratch/findings/$target/" -max_len=32768 -rss_limit_mb=3072 -malloc_limit_mb=1024 \
        -timeout=20 -print_final_stats=1 -verbosity="${VERBOSITY:-1}"
}

case ${1:-run} in
    run)
        shift || true
        [ $# -gt 0 ] && all=("$@")
        program=$(build address -Xswiftc -sanitize=address --sanitize=address)
        for target in "${all[@]}"; do
            echo "== $target, $seconds s"
            run "$program" "$target" -max_total_time="$seconds"
        done
        ;;
    replay)
        program=$(build address -Xswiftc -sanitize=address --sanitize=address)
        DRUMLIN_FUZZ_TARGET=$2 "$program" "${@:3}"
        ;;
    coverage)
        program=$(build coverage -Xswiftc -profile-generate -Xswiftc -profile-coverage-mapping)
        tools=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/bin
        for target in "${all[@]}"; do
            LLVM_PROFILE_FILE="$scratch/$target.profraw" run "$program" "$target" -runs=0 >/dev/null 2>&1
        done
        "$tools/llvm-profdata" merge -o "$scratch/all.profdata" "$scratch"/*.profraw
        "$tools/llvm-cov" report "$program" -instr-profile="$scratch/all.profdata" -ignore-filename-regex=checkouts |
            awk -v readers="$readers" -v writers="$writers" '
                sub(/.*Sources\//, "", $1) && $1 ~ readers && $1 !~ writers {
                    print $1, $8, $9, $10; lines += $8; missed += $9
                }
                END { printf "readers %d %d %.2f%%\n", lines, missed, 100 * (1 - missed / lines) }' | column -t
        ;;
    seeds)
        program=$(build address -Xswiftc -sanitize=address --sanitize=address)
        rm -rf Fuzz/Corpus
        DRUMLIN_FUZZ_SEEDS=Fuzz/Corpus "$program"
        du -sh Fuzz/Corpus/*
        ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" ;;
esac
