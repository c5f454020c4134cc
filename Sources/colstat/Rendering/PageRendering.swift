import ColumnStore
import CommandSupport
import Drumlin

/// Pages with the trees of their encodings.
struct PageRendering {
    private struct Page {
        let table: String
        let segment: SegmentInspection
        let column: ColumnDefinition
        let block: Int
        let record: PageRecord
        let nodes: [NodeDescription]
    }

    private let pages: [Page]
    private let inspection: Inspection
    /// Pages that cannot be parsed.
    private(set) var damages: [Damage] = []

    init(_ inspection: Inspection, columns: String?) throws(CommandError) {
        self.inspection = inspection
        var (pages, damages) = ([Page](), [Damage]())
        for (table, positions) in try inspection.selection(columns) {
            for segment in table.segments {
                guard let reader = segment.reader else { continue }
                for position in positions {
                    for (block, record) in reader.footer.columns[position].enumerated() where record.byteCount > 0 {
                        do throws(StoreError) {
                            pages.append(
                                Page(
                                    table: table.name, segment: segment, column: table.schema.columns[position],
                                    block: block, record: record,
                                    nodes: try reader.nodes(column: position, block: block)))
                        } catch {
                            damages.append(Damage(error, path: segment.path))
                        }
                    }
                }
            }
        }
        self.pages = pages
        self.damages = damages
    }

    func text(for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            let own = pages.filter { $0.table == table.name }
            guard !own.isEmpty else { return "no pages\n" }
            var text = TextTable([
                .text("column"), .text("segment"), .number("block"), .text("node", canShrink: false), .number("values"),
                .number("bytes"), .number("own"), .number("a value"),
            ])
            for page in own {
                text.add([
                    .init(page.column.name, .bold), .init(FilePath.name(of: page.segment.path)),
                    .init(Units.count(page.block)), .init(page.column.type.name),
                    .init(Units.count(page.record.zone.rowCount)), .init(Units.count(page.record.byteCount), .bold),
                    "", .init(perValue(page.record.byteCount, page.record.zone.rowCount)),
                ])
                for (place, node) in page.nodes.enumerated() {
                    // Two nodes: which rows are valid, and the values.
                    add(node, depth: 1, title: page.nodes.count > 1 && place == 0 ? "validity: " : "", to: &text)
                }
            }
            return text.rendered(for: terminal)
        }
    }

    private func add(_ node: NodeDescription, depth: Int, title: String = "", to text: inout TextTable) {
        text.add([
            "", "", "", .init(String(repeating: "  ", count: depth) + title + node.name),
            .init(Units.count(node.count)),
            .init(Units.count(node.byteCount)), .init(Units.count(node.ownByteCount)),
            .init(perValue(node.byteCount, node.count)),
        ])
        for child in node.children { add(child, depth: depth + 1, to: &text) }
    }

    private func perValue(_ bytes: Int, _ values: Int) -> String {
        values == 0 ? "" : Units.fixed(Double(bytes) / Double(values), digits: 3)
    }

    func json() -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for page in pages {
                json.object { json in
                    json.member("table", page.table)
                    json.member("file", page.segment.fileName)
                    json.member("column", page.column.name)
                    json.member("type", page.column.type.name)
                    json.member("block", page.block)
                    json.member("first_row", page.segment.firstRow + UInt64(page.block * SegmentFormat.blockRowCount))
                    json.member("rows", page.record.zone.rowCount)
                    json.member("offset", page.record.offset)
                    json.member("bytes", page.record.byteCount)
                    json.member("raw_bytes", page.record.rawByteCount)
                    json.member("checksum", page.record.checksum)
                    json.member("encoding", page.record.encoding)
                    json.member("nodes") { json in
                        json.array { json in for node in page.nodes { Self.write(node, to: &json) } }
                    }
                }
            }
        }
        return json.text + "\n"
    }

    private static func write(_ node: NodeDescription, to json: inout JSONWriter) {
        json.object { json in
            json.member("node", node.name)
            json.member("values", node.count)
            json.member("bytes", node.byteCount)
            json.member("own_bytes", node.ownByteCount)
            json.member("children") { json in
                json.array { json in for child in node.children { write(child, to: &json) } }
            }
        }
    }
}
