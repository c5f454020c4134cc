import ColumnEncoding
import ColumnFormat
import Foundation
import TestSupport

/// A page: `u8 type`, `u16 rows`, its bytes. What decodes is the same read by vectors, row by row and at once, and comes
/// back the same when it is encoded again.
struct PageTarget: FuzzTarget {
    private static let types: [ColumnType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string, .bytes,
        .timestamp, .uuid, .vector(dimension: 3),
    ]

    func run(_ input: [UInt8]) {
        guard input.count > 3 else { return }
        let type = Self.types[Int(input[0]) % Self.types.count]
        let rowCount = Int(input[1]) | Int(input[2]) << 8
        check(Array(input[3...]), type, rowCount)
    }

    private func check(_ bytes: [UInt8], _ type: ColumnType, _ rowCount: Int) {
        let memory = RawBuffer(byteCapacity: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe memory.base.copyMemory(from: start, byteCount: source.count) }
        }
        let raw = unsafe UnsafeRawBufferPointer(start: memory.base, count: bytes.count)
        _ = unsafe try? PageReader.references(of: raw, type: type)
        guard let page = unsafe try? PageReader(bytes: raw, owner: memory, type: type, rowCount: rowCount) else {
            return
        }
        let builder = ColumnBuilder(type: type)
        do throws(FormatError) {
            try page.decode(rows: 0..<rowCount, into: builder)
        } catch {
            require(builder.count == 0, "a failed decode left rows")
            return
        }
        let slice = builder.snapshot()
        require(slice.count == rowCount, "\(slice.count) rows of \(rowCount)")
        let cursor = VectorCursor(type: type)
        cursor.open(page)
        for vector in 0..<(rowCount + 1_023) / 1_024 where (try? cursor.load(vector)) != nil {
            if !type.isVariableLength { cursor.expand() }
        }
        for row in Set([0, rowCount / 2, rowCount - 1, min(1_023, rowCount - 1), min(1_024, rowCount - 1)]) {
            guard let value = try? page.value(at: row) else { continue }
            require(value.isIdentical(to: slice.value(at: row)), "row \(row) is \(value) and \(slice.value(at: row))")
        }
        let part = ColumnBuilder(type: type)
        if (try? page.decode(rows: rowCount / 3..<rowCount, into: part)) != nil {
            require(part.snapshot().holdsSame(slice.slice(rowCount / 3..<rowCount)), "a part decodes to other values")
        }
        guard rowCount <= 2_048, type != .string || slice.isText else { return }
        let again = PageEncoder.encode(slice).bytes
        let copy = RawBuffer(byteCapacity: again.count)
        unsafe again.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe copy.base.copyMemory(from: start, byteCount: source.count) }
        }
        let second = ColumnBuilder(type: type)
        do throws(FormatError) {
            let reader = unsafe try PageReader(
                bytes: UnsafeRawBufferPointer(start: copy.base, count: again.count), owner: copy, type: type,
                rowCount: rowCount)
            try reader.decode(rows: 0..<rowCount, into: second)
        } catch {
            fatalError("what was encoded does not decode: \(error)")
        }
        require(second.snapshot().holdsSame(slice), "what was encoded decodes to other values")
    }

    var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        var generator = SeededGenerator(seed: 7)
        for (code, type) in Self.types.enumerated() {
            for shape in 0..<4 {
                let count = [40, 300, 1_100, 200][shape]
                let builder = ColumnBuilder(type: type)
                for row in 0..<count {
                    let value = Self.value(type, row, shape, &generator)
                    if !builder.append(value: value) { builder.appendNull() }
                }
                let bytes = PageEncoder.encode(builder.snapshot()).bytes
                guard bytes.count < 500 else { continue }
                seeds.append([UInt8(code), UInt8(count & 255), UInt8(count >> 8)] + bytes)
            }
        }
        return seeds + Self.golden
    }

    /// The tests' golden pages, one of each codec: `# TYPE × ROWS, ENCODING`, then the bytes.
    private static var golden: [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Tests/Fixtures/encoding").standardizedFileURL.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { name in
            guard name.hasSuffix(".hex"), let text = try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            else { return nil }
            let lines = text.split(separator: "\n")
            let words = lines[0].split(separator: " ")
            let type = words[1].replacing("[4]", with: "[3]")
            guard let code = types.firstIndex(where: { $0.name == type }), let count = Int(words[3].dropLast()),
                count <= 0xFFFF
            else { return nil }
            let digits = Array(lines.dropFirst().joined().utf8)
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { place in
                UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
            }
            return bytes.count > 6_000
                ? nil : [UInt8(code), UInt8(truncatingIfNeeded: count), UInt8(count >> 8)] + bytes
        }
    }

    /// At the edges of the type; constant; ascending; few.
    private static func value(
        _ type: ColumnType, _ row: Int, _ shape: Int, _ generator: inout SeededGenerator
    ) -> Value {
        if shape == 0 { return EveryType.value(of: type, using: &generator) }
        let number = shape == 1 ? 7 : shape == 2 ? row * 3 % 120 : row % 4
        switch type {
        case .int8, .int16, .int32, .int64: return .int(Int64(number))
        case .uint8, .uint16, .uint32, .uint64: return .uint(UInt64(number))
        case .float32: return .float32(Float(number) / 4)
        case .float64: return .float64(Double(number) / 4)
        case .string: return .string(shape == 2 ? "ride-\(row)" : "zone \(number)")
        case .timestamp: return .timestamp(Timestamp(microseconds: 1_583_020_800_000_000 + Int64(row) * 60_000_000))
        case .bool: return .bool(number % 3 == 0)
        default: return EveryType.value(of: type, using: &generator)
        }
    }
}

extension ColumnSlice {
    func holdsSame(_ other: ColumnSlice) -> Bool {
        count == other.count && (0..<count).allSatisfy { value(at: $0).isIdentical(to: other.value(at: $0)) }
    }

    /// Whether all of a column of text is UTF-8: what is not comes from no writer.
    var isText: Bool {
        (0..<count).allSatisfy { unsafe String(validating: variableBytes(at: $0), as: UTF8.self) != nil }
    }
}
