#!/usr/bin/env bash
# The habits of the house that the formatter does not know: the direction of imports, no Foundation in
# the library, nothing left half done. Fails with the place of each breach; lists long files without failing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

breaches=0
breach() {
    printf '%s: error: %s\n' "$1" "$2" >&2
    breaches=$((breaches + 1))
}

# Each target and the modules that it may import, lowest layer first. The C library's own modules are
# free to all; Foundation, Dispatch and ArgumentParser only where they are named.
allowed() {
    case "$1" in
        ColumnFormat) echo "CDrumlinShims" ;;
        ColumnEncoding) echo "ColumnFormat CLZ4 CDrumlinShims" ;;
        ColumnStore) echo "ColumnFormat ColumnEncoding CDrumlinShims" ;;
        ColumnViews) echo "ColumnFormat ColumnStore" ;;
        Drumlin) echo "ColumnFormat ColumnStore ColumnViews CDrumlinShims CDrumlinReport" ;;
        DrumlinMetrics) echo "Drumlin Metrics" ;;
        DrumlinLogging) echo "Drumlin Logging" ;;
        DrumlinLifecycle) echo "Drumlin ServiceLifecycle Dispatch" ;;
        CommandSupport) echo "Drumlin ArgumentParser Foundation FoundationEssentials Dispatch" ;;
        colstat) echo "Drumlin ColumnStore ColumnFormat CommandSupport ArgumentParser Foundation FoundationEssentials Dispatch" ;;
        TaxiTrips) echo "Drumlin CommandSupport Foundation FoundationEssentials" ;;
        TaxiTips) echo "TaxiTrips Drumlin CommandSupport ArgumentParser Foundation FoundationEssentials Dispatch" ;;
        DrumlinCLI) echo "Drumlin CommandSupport ArgumentParser Foundation FoundationEssentials Dispatch" ;;
        *) return 1 ;;
    esac
}
everywhere="Glibc Musl Darwin Synchronization Builtin"

for folder in Sources/*/; do
    target=$(basename "$folder")
    find "$folder" -name '*.swift' -print -quit | grep -q . || continue
    if ! modules=$(allowed "$target"); then
        breach "$folder" "no rule for the imports of this target: add it to Scripts/check-sources.sh"
        continue
    fi
    while IFS=: read -r file line module; do
        case " $everywhere $modules " in
            *" $module "*) ;;
            *) breach "$file:$line" "$target may not import $module" ;;
        esac
    done < <(grep -rnE --include='*.swift' '^[[:space:]]*(@[A-Za-z_()]+[[:space:]]+)*((public|package|internal|private|fileprivate)[[:space:]]+)?import[[:space:]]' "$folder" \
        | sed -E 's/^([^:]+:[0-9]+):.*import[[:space:]]+((struct|class|enum|protocol|func|var|let|typealias)[[:space:]]+)?([A-Za-z_0-9]+).*/\1:\4/')
done

while IFS=: read -r file line text; do
    breach "$file:$line" "left half done:$text"
done < <(grep -rnE --include='*.swift' --include='*.c' --include='*.h' '\b(TODO|FIXME|XXX)\b|fatalError\(|[Nn]ot implemented|[Uu]nimplemented' Sources || true)

if grep -n 'unsafeFlags' Package.swift >&2; then
    breach Package.swift "unsafeFlags keep others from depending on this package"
fi

# A place to look, not a verdict.
long=$(find Sources Tests Benchmarks Examples -name '*.swift' -not -path '*/.build/*' -exec wc -l {} + | awk '$2 != "total" && $1 > 400 { print "  " $1 " lines  " $2 }' | sort -rn)
if [ -n "$long" ]; then
    printf 'files over 400 lines:\n%s\n' "$long"
fi

if [ "$breaches" -gt 0 ]; then
    printf '%d breach(es) of the habits in CONTRIBUTING.md\n' "$breaches" >&2
    exit 1
fi
