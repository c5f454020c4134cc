internal import ColumnFormat

extension Constraint {
    /// The constraints of a task as they are kept in the manifest.
    static func bytes(of constraints: [Constraint]) -> [UInt8] {
        var writer = ByteWriter()
        let refuses = constraints.contains(where: \.refuses)
        writer.append(UInt8(refuses ? 2 : 1))
        writer.append(varint: UInt64(constraints.count))
        for constraint in constraints {
            constraint.write(to: &writer)
            if refuses { writer.append(UInt8(constraint.refuses ? 1 : 0)) }
        }
        return writer.bytes
    }

    static func read(_ reader: inout ByteReader) throws(FormatError) -> [Constraint] {
        let version = try reader.read(UInt8.self)
        guard version == 1 || version == 2 else { throw FormatError(.unsupported, "constraints of version \(version)") }
        var result: [Constraint] = []
        for _ in 0..<(try reader.readCount(limit: 10_000, of: "constraints")) {
            let constraint = try Constraint(from: &reader)
            let refuses = version == 2 ? try reader.read(UInt8.self) == 1 : false
            result.append(refuses ? constraint.refusing() : constraint)
        }
        return result
    }

    private func write(to writer: inout ByteWriter) {
        writer.append(string: column)
        switch rule {
        case .notNull: writer.append(UInt8(0))
        case .finite: writer.append(UInt8(1))
        case .range(let low, let high):
            writer.append(UInt8(2))
            for bound in [low, high] {
                writer.append(UInt8(bound == nil ? 0 : 1))
                if let bound { writer.append(bound.bitPattern) }
            }
        case .oneOf(let values):
            writer.append(UInt8(3))
            writer.append(varint: UInt64(values.count))
            for value in values.sorted() { writer.append(string: value) }
        case .pattern(let expression):
            writer.append(UInt8(4))
            writer.append(string: expression)
        case .length(let low, let high):
            writer.append(UInt8(5))
            writer.append(varint: UInt64(low))
            writer.append(varint: UInt64(high))
        case .increasing: writer.append(UInt8(6))
        }
    }

    private init(from reader: inout ByteReader) throws(FormatError) {
        column = try reader.readString(limit: 255)
        refuses = false
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: rule = .notNull
        case 1: rule = .finite
        case 2:
            let low = try Self.bound(&reader)
            rule = .range(low: low, high: try Self.bound(&reader))
        case 3:
            var values: Set<String> = []
            for _ in 0..<(try reader.readCount(limit: 10_000, of: "values")) {
                values.insert(try reader.readString(limit: 1_024))
            }
            rule = .oneOf(values)
        case 4: rule = .pattern(try reader.readString(limit: 1_024))
        case 5:
            let low = try reader.readCount(limit: .max, of: "characters")
            rule = .length(low: low, high: try reader.readCount(limit: .max, of: "characters"))
        case 6: rule = .increasing
        case let code: throw FormatError(.unsupported, "a constraint of the unknown kind \(code)", at: start)
        }
    }

    private static func bound(_ reader: inout ByteReader) throws(FormatError) -> Double? {
        guard try reader.read(UInt8.self) == 1 else { return nil }
        return Double(bitPattern: try reader.read(UInt64.self))
    }
}
