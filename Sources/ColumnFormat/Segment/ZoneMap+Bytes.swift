extension ZoneMap {
    /// Bits of the first byte: which statistics follow.
    private enum Flag {
        static let minimum: UInt8 = 1
        static let maximum: UInt8 = 2
        static let minimumExact: UInt8 = 4
        static let maximumExact: UInt8 = 8
        static let sum: UInt8 = 16
        static let realSum: UInt8 = 32
        static let all: UInt8 = 63
    }

    /// The flags of a zone map that has exact bounds and no sum.
    static let boundsAlone = Flag.minimum | Flag.maximum | Flag.minimumExact | Flag.maximumExact

    /// flags, row count, null count, NaN count, true count (varints), then minimum, maximum, sums where flagged.
    package func write(to writer: inout ByteWriter) {
        var flags: UInt8 = 0
        if minimum != nil { flags |= Flag.minimum }
        if maximum != nil { flags |= Flag.maximum }
        if isMinimumExact { flags |= Flag.minimumExact }
        if isMaximumExact { flags |= Flag.maximumExact }
        if sum != nil { flags |= Flag.sum }
        if realSum != nil { flags |= Flag.realSum }
        writer.append(flags)
        for count in [rowCount, nullCount, nanCount, trueCount] { writer.append(varint: UInt64(count)) }
        if let minimum { Self.write(minimum, to: &writer) }
        if let maximum { Self.write(maximum, to: &writer) }
        if let sum { writer.append(zigzag: sum) }
        if let realSum { writer.append(realSum) }
    }

    package init(reading reader: inout ByteReader, type: ColumnType) throws(FormatError) {
        let flags = try reader.read(UInt8.self)
        guard flags <= Flag.all else {
            throw FormatError(.unsupported, "unknown flags \(flags) of a zone map", at: reader.offset - 1)
        }
        self.init(rowCount: try reader.readCount(limit: Int(UInt32.max), of: "rows in a zone"))
        nullCount = try reader.readCount(limit: rowCount, of: "nulls in a zone")
        nanCount = try reader.readCount(limit: rowCount, of: "NaNs in a zone")
        trueCount = try reader.readCount(limit: rowCount, of: "true values in a zone")
        isMinimumExact = flags & Flag.minimumExact != 0
        isMaximumExact = flags & Flag.maximumExact != 0
        if flags & Flag.minimum != 0 { minimum = try Self.read(type, from: &reader) }
        if flags & Flag.maximum != 0 { maximum = try Self.read(type, from: &reader) }
        if flags & Flag.sum != 0 { sum = try reader.readZigzag() }
        if flags & Flag.realSum != 0 { realSum = try reader.readDouble() }
    }

    private static func write(_ value: Value, to writer: inout ByteWriter) {
        switch value {
        case .bool(let v): writer.append(UInt8(v ? 1 : 0))
        case .int(let v): writer.append(zigzag: v)
        case .uint(let v): writer.append(varint: v)
        case .float32(let v): writer.append(v)
        case .float64(let v): writer.append(v)
        case .timestamp(let v): writer.append(zigzag: v.microseconds)
        case .bytes(let v):
            writer.append(varint: UInt64(v.count))
            writer.append(bytes: v)
        case .null, .string, .uuid, .vector: preconditionFailure("a zone map holds no \(value)")
        }
    }

    private static func read(_ type: ColumnType, from reader: inout ByteReader) throws(FormatError) -> Value {
        switch type {
        case .bool: return .bool(try reader.read(UInt8.self) != 0)
        case .int8, .int16, .int32, .int64: return .int(try reader.readZigzag())
        case .uint8, .uint16, .uint32, .uint64: return .uint(try reader.readVarint())
        case .float32: return .float32(try reader.readFloat())
        case .float64: return .float64(try reader.readDouble())
        case .timestamp: return .timestamp(Timestamp(microseconds: try reader.readZigzag()))
        case .string, .bytes:
            let count = try reader.readCount(limit: maximumTextByteCount, of: "bytes of a bound")
            return unsafe .bytes(Array(try reader.readBytes(count)))
        case .uuid, .vector:
            throw FormatError(.invalid, "a zone map with bounds for a \(type.name) column", at: reader.offset)
        }
    }
}
