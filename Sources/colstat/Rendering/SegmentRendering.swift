import ColumnStore
import CommandSupport
import Drumlin

/// The segments of tables, a line for each.
enum SegmentRendering {
    static func text(_ inspection: Inspection, for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            guard !table.segments.isEmpty else { return "no segments\n" }
            var text = TextTable([
                .text("segment"), .number("first row"), .number("rows"), .number("bytes"), .number("ratio"),
                .text("from (UTC)", canShrink: false), .text("to", canShrink: false),
            ])
            let ranges = table.segments.map { segment in
                table.timeColumn.flatMap { segment.timeRange(column: $0, without: table.removed) }
            }
            for (segment, range) in zip(table.segments, ranges) {
                text.add([
                    .init(FilePath.name(of: segment.path), segment.reader == nil ? .red : .bold),
                    .init(Units.count(segment.firstRow)), .init(Units.count(table.rowCount(of: segment))),
                    .init(Units.bytes(segment.byteCount)),
                    .init(segment.reader == nil ? "damaged" : RatioText.of(segment.rawByteCount, segment.byteCount)),
                    .init(TimeText.of(range?.lowerBound, .minute)), .init(TimeText.of(range?.upperBound, .minute)),
                ])
            }
            return text.rendered(for: terminal)
        }
    }

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for table in inspection.tables {
                for segment in table.segments {
                    let range = table.timeColumn.flatMap { segment.timeRange(column: $0, without: table.removed) }
                    json.object { json in
                        json.member("table", table.name)
                        json.member("file", segment.fileName)
                        json.member("first_row", segment.firstRow)
                        json.member("rows", table.rowCount(of: segment))
                        json.member("removed_rows", segment.rowCount - table.rowCount(of: segment))
                        json.member("blocks", segment.footer?.blockCount)
                        json.member("bytes", segment.byteCount)
                        json.member("raw_bytes", segment.footer.map { _ in segment.rawByteCount })
                        json.member("encoded_bytes", segment.footer.map { _ in segment.encodedByteCount })
                        json.member("first_sequence", segment.record?.firstSequence)
                        json.member("last_sequence", segment.record?.lastSequence)
                        json.member("from", range?.lowerBound.description)
                        json.member("to", range?.upperBound.description)
                        json.member("readable", segment.reader != nil)
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
