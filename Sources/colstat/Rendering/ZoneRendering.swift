import ColumnStore
import CommandSupport
import Drumlin

/// Zone maps, a line for each.
struct ZoneRendering {
    private struct Zone {
        let table: String
        let segment: SegmentInspection
        let column: ColumnDefinition
        let block: Int
        /// Nil for the block itself.
        let vector: Int?
        let map: ZoneMap
    }

    private let zones: [Zone]
    private let inspection: Inspection

    init(_ inspection: Inspection, columns: String?, includesVectors: Bool) throws {
        self.inspection = inspection
        var zones: [Zone] = []
        for (table, positions) in try inspection.selection(columns) {
            for segment in table.segments {
                for position in positions {
                    for block in 0..<(segment.footer?.blockCount ?? 0) {
                        guard let found = try segment.zones(column: position, block: block, without: table.removed)
                        else { continue }
                        let zone = { (vector: Int?, map: ZoneMap) in
                            Zone(
                                table: table.name, segment: segment, column: table.schema.columns[position],
                                block: block, vector: vector, map: map)
                        }
                        zones.append(zone(nil, found.block))
                        guard includesVectors else { continue }
                        for (vector, map) in found.vectors.enumerated() { zones.append(zone(vector, map)) }
                    }
                }
            }
        }
        self.zones = zones
    }

    func text(for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            let own = zones.filter { $0.table == table.name }
            guard !own.isEmpty else { return "no segments\n" }
            var text = TextTable([
                .text("column"), .text("segment"), .number("block"), .number("vector"), .number("rows"),
                .number("null"), .number("NaN"), .text("least"), .text("greatest"), .number("sum"),
            ])
            for zone in own {
                text.add([
                    .init(zone.column.name, zone.vector == nil ? .bold : .plain),
                    .init(FilePath.name(of: zone.segment.path)), .init(Units.count(zone.block)),
                    .init(zone.vector.map { Units.count($0) } ?? ""), .init(Units.count(zone.map.rowCount)),
                    .init(count(zone.map.nullCount)), .init(count(zone.map.nanCount)),
                    .init(bound(zone.map.minimum, of: zone.column.type, zone.map.isMinimumExact ? "" : "≥ ")),
                    .init(bound(zone.map.maximum, of: zone.column.type, zone.map.isMaximumExact ? "" : "≤ ")),
                    .init(total(zone)),
                ])
            }
            return text.rendered(for: terminal)
        }
    }

    private func count(_ value: Int) -> String { value == 0 ? "" : Units.count(value) }

    private func bound(_ value: Value?, of type: ColumnType, _ sign: String) -> String {
        guard let value else { return "" }
        return sign + Self.text(value, of: type)
    }

    /// Bounds of text are bytes that need not be whole characters.
    private static func text(_ value: Value, of type: ColumnType) -> String {
        if type == .string, case .bytes(let bytes) = value { return String(decoding: bytes, as: UTF8.self) }
        return value.description
    }

    private func total(_ zone: Zone) -> String {
        if zone.column.type == .bool { return "\(Units.count(zone.map.trueCount)) true" }
        return zone.map.sum.map { Units.count($0) } ?? ""
    }

    func json() -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for zone in zones {
                json.object { json in
                    json.member("table", zone.table)
                    json.member("file", zone.segment.fileName)
                    json.member("column", zone.column.name)
                    json.member("type", zone.column.type.name)
                    json.member("block", zone.block)
                    json.member("vector", zone.vector)
                    json.member("rows", zone.map.rowCount)
                    json.member("nulls", zone.map.nullCount)
                    json.member("nans", zone.map.nanCount)
                    json.member("trues", zone.column.type == .bool ? zone.map.trueCount : nil)
                    json.member("minimum") { Self.write(zone.map.minimum, zone.column.type, to: &$0) }
                    json.member("minimum_is_exact", zone.map.minimum.map { _ in zone.map.isMinimumExact })
                    json.member("maximum") { Self.write(zone.map.maximum, zone.column.type, to: &$0) }
                    json.member("maximum_is_exact", zone.map.maximum.map { _ in zone.map.isMaximumExact })
                    json.member("sum", zone.map.sum)
                }
            }
        }
        return json.text + "\n"
    }

    private static func write(_ value: Value?, _ type: ColumnType, to json: inout JSONWriter) {
        switch value {
        case .int(let value): json.value(value)
        case .uint(let value): json.value(value)
        case .bool(let value): json.value(value)
        case .float32(let value) where value.isFinite: json.value(value)
        case .float64(let value) where value.isFinite: json.value(value)
        case .float32(let value): json.value(value < 0 ? "-Infinity" : "Infinity")
        case .float64(let value): json.value(value < 0 ? "-Infinity" : "Infinity")
        case .timestamp(let value): json.value(value.description)
        case .some(let value): json.value(text(value, of: type))
        case nil: json.null()
        }
    }
}
