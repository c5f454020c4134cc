import ColumnFormat

/// The rows and zone maps of segments in the form in which segment.py prints them.
struct CanonicalText {
    private(set) var bytes: [UInt8] = []

    mutating func append(
        table: String, schema: Schema, firstRow: UInt64, columns: [ColumnSlice], gone: RowSet = RowSet(),
        hasVectorZones: Bool = true
    ) {
        append(line: "table \(table), first row \(firstRow), \(columns[0].count) rows")
        for run in gone.runs { append(line: "gone \(run.lowerBound) to \(run.upperBound)") }
        for (definition, slice) in zip(schema.columns, columns) {
            let mark = definition.isNullable ? "?" : ""
            let indexed = schema.indexed.contains(definition.name) ? ", indexed" : ""
            append(line: "column \(definition.name) \(Self.name(of: definition.type))\(mark)\(indexed)")
            for first in stride(from: 0, to: slice.count, by: SegmentFormat.blockRowCount) {
                let end = min(slice.count, first + SegmentFormat.blockRowCount)
                append(block: slice.slice(first..<end), hasVectorZones: hasVectorZones)
            }
        }
    }

    private mutating func append(block: ColumnSlice, hasVectorZones: Bool) {
        append(line: "block " + Self.text(of: ZoneMap(of: block), type: block.type))
        if hasVectorZones && block.type == .timestamp {
            for first in stride(from: 0, to: block.count, by: SegmentFormat.vectorRowCount) {
                let vector = block.slice(first..<min(block.count, first + SegmentFormat.vectorRowCount))
                append(line: "vector " + Self.text(of: ZoneMap(of: vector), type: block.type))
            }
        }
        for row in 0..<block.count { append(row: row, of: block) }
    }

    private mutating func append(row: Int, of slice: ColumnSlice) {
        if slice.isNull(row) { return append(line: "null") }
        switch slice.type {
        case .string, .bytes:
            let text = unsafe Array(slice.variableBytes(at: row))
            for byte in text { append(hexadecimal: byte) }
        case .uuid, .vector:
            let start = unsafe slice.rawPointer(at: row)
            for i in 0..<(slice.type.byteWidth ?? 0) {
                append(hexadecimal: unsafe start.load(fromByteOffset: i, as: UInt8.self))
            }
        case .float32: append(bits: UInt64(unsafe slice.rawPointer(at: row).load(as: UInt32.self)), count: 4)
        case .float64: append(bits: unsafe slice.rawPointer(at: row).load(as: UInt64.self), count: 8)
        default: bytes += Array(Self.text(of: slice.value(at: row)).utf8)
        }
        bytes.append(10)
    }

    mutating func append(line text: String) {
        bytes += Array(text.utf8)
        bytes.append(10)
    }

    private mutating func append(hexadecimal byte: UInt8) {
        for digit in [byte >> 4, byte & 15] { bytes.append(digit + (digit < 10 ? 48 : 87)) }
    }

    private mutating func append(bits: UInt64, count: Int) {
        for i in (0..<count).reversed() { append(hexadecimal: UInt8(truncatingIfNeeded: bits >> UInt64(8 * i))) }
    }

    private static func name(of type: ColumnType) -> String {
        if case .vector = type { return "vector" }
        return type.name
    }

    private static func text(of zone: ZoneMap, type: ColumnType) -> String {
        func bound(_ value: Value?, _ isExact: Bool) -> String {
            value.map { text(of: $0) + (isExact ? "" : "?") } ?? "-"
        }
        let sum = zone.sum.map { "\($0)" } ?? "-"
        return "rows \(zone.rowCount) nulls \(zone.nullCount) nans \(zone.nanCount) trues \(zone.trueCount) "
            + "minimum \(bound(zone.minimum, zone.isMinimumExact)) maximum \(bound(zone.maximum, zone.isMaximumExact)) "
            + "sum \(sum)"
    }

    private static func text(of value: Value) -> String {
        var text = CanonicalText()
        switch value {
        case .null: return "null"
        case .bool(let value): return value ? "1" : "0"
        case .int(let value): return "\(value)"
        case .uint(let value): return "\(value)"
        case .timestamp(let value): return "\(value.microseconds)"
        case .float32(let value): text.append(bits: UInt64(value.bitPattern), count: 4)
        case .float64(let value): text.append(bits: value.bitPattern, count: 8)
        case .string(let value): for byte in value.utf8 { text.append(hexadecimal: byte) }
        case .bytes(let value), .uuid(let value): for byte in value { text.append(hexadecimal: byte) }
        case .vector(let values): for value in values { text.append(bits: UInt64(value.bitPattern), count: 4) }
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
