import CommandSupport
import Drumlin

/// Finds the type of a column from the fields of the first rows.
struct TypeInference {
    /// How many rows are looked at.
    static let rowLimit = 10_000

    /// The types that are still possible, the most special first; text always is.
    private var candidates: [ColumnType] = [.bool, .int64, .uint64, .float64, .timestamp, .uuid]
    private var hasValue = false
    /// The dimension of all vectors so far; nil where there was none, 0 where a field was something else.
    private var dimension: Int?
    private var vector: [Float] = []

    /// Takes the field of one more row.
    mutating func note(_ field: UnsafeRawBufferPointer, isQuoted: Bool) {
        if unsafe field.isEmpty, !isQuoted { return }
        hasValue = true
        candidates.removeAll { unsafe !Self.fits(field, $0) }
        if dimension != 0 {
            let count = unsafe VectorText.parse(field, into: &vector) ? vector.count : 0
            let isPossible = (1...ColumnType.maximumDimension).contains(count) && (dimension ?? count) == count
            dimension = isPossible ? count : 0
        }
    }

    /// The type of the column: that of text where there was no value.
    var type: ColumnType {
        guard hasValue else { return .string }
        if let dimension, dimension > 0 { return .vector(dimension: dimension) }
        return candidates.first ?? .string
    }

    private static func fits(_ field: UnsafeRawBufferPointer, _ type: ColumnType) -> Bool {
        switch type {
        case .bool:
            // 1, 0, y and n are read as bools only where somebody says that they are.
            return unsafe field.count >= 4 && NumberParser.bool(field) != nil
        case .int64: return unsafe isPlainInteger(field) && NumberParser.int64(field) != nil
        case .uint64: return unsafe isPlainInteger(field) && NumberParser.uint64(field) != nil
        case .float64:
            if unsafe NumberParser.float64(field) != nil { return unsafe !hasLeadingZero(field) }
            return unsafe SpecialNumber.nanBits(field, digits: 16) != nil
        case .timestamp:
            return unsafe field.count >= 10 && field[4] == 0x2D && TimestampParser.microseconds(field) != nil
        default: return unsafe field.count == 36 && HexadecimalText.uuid(field) != nil
        }
    }

    /// No sign but a minus and no zero before other digits: a number that is written so is a code.
    private static func isPlainInteger(_ field: UnsafeRawBufferPointer) -> Bool {
        guard let first = unsafe field.first, first != 0x2B else { return false }
        return unsafe !hasLeadingZero(field)
    }

    private static func hasLeadingZero(_ field: UnsafeRawBufferPointer) -> Bool {
        let start = unsafe field[0] == 0x2D ? 1 : 0
        guard field.count > start + 1, unsafe field[start] == 0x30 else { return false }
        return unsafe (0x30...0x39).contains(field[start + 1])
    }
}

/// Vectors from text: a JSON array of numbers, with `"NaN"`, `"Infinity"` and `"-Infinity"` as strings.
enum VectorText {
    /// Reads a vector into `result`; false where `text` is none.
    static func parse(_ text: UnsafeRawBufferPointer, into result: inout [Float]) -> Bool {
        result.removeAll(keepingCapacity: true)
        guard text.count >= 2, unsafe text[0] == 0x5B, unsafe text[text.count - 1] == 0x5D else { return false }
        var at = 1
        let end = text.count - 1
        while true {
            while at < end, unsafe isBlank(text[at]) { at += 1 }
            var start = at
            while at < end, unsafe text[at] != 0x2C { at += 1 }
            var stop = at
            while stop > start, unsafe isBlank(text[stop - 1]) { stop -= 1 }
            if stop - start >= 2, unsafe text[start] == 0x22, unsafe text[stop - 1] == 0x22 {
                start += 1
                stop -= 1
            }
            let number = unsafe UnsafeRawBufferPointer(rebasing: text[start..<stop])
            if let value = unsafe NumberParser.float32(number) {
                result.append(value)
            } else if let bits = unsafe SpecialNumber.nanBits(number, digits: 8) {
                result.append(Float(bitPattern: UInt32(bits)))
            } else {
                return false
            }
            if at == end { return true }
            at += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
