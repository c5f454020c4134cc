import ColumnFormat
import TestSupport
import Testing

struct SchemaTests {
    private static func decode(_ bytes: [UInt8]) throws(FormatError) -> Schema {
        let result = unsafe bytes.withUnsafeBytes { raw in
            Result { () throws(FormatError) -> Schema in
                var reader = unsafe ByteReader(raw)
                return try Schema(reading: &reader)
            }
        }
        return try result.get()
    }

    private static func encode(_ schema: Schema) -> [UInt8] {
        var writer = ByteWriter()
        schema.write(to: &writer)
        return writer.bytes
    }

    @Test func aSchemaComesBack() throws {
        #expect(try Self.decode(Self.encode(EveryType.schema)) == EveryType.schema)
        let wide = Schema(
            (0..<Schema.maximumColumnCount).map { ColumnDefinition("ä\($0)", .vector(dimension: 65_535)) })
        #expect(try Self.decode(Self.encode(wide)) == wide)
    }

    @Test func everyCutIsAnErrorAndNoByteIsATrap() throws {
        let bytes = Self.encode(EveryType.schema)
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self) { try Self.decode(Array(bytes[..<count])) }
        }
        for place in bytes.indices {
            for value in UInt8.min ... .max {
                var damaged = bytes
                damaged[place] = value
                guard let schema = try? Self.decode(damaged) else { continue }
                #expect(schema.defect == nil)
            }
        }
    }

    @Test func anUnknownTypeNeedsALaterVersion() throws {
        var writer = ByteWriter()
        writer.append(varint: 1)
        writer.append(string: "x")
        writer.append(UInt8(99))
        writer.append(varint: 0)
        let bytes = writer.bytes
        let error = #expect(throws: FormatError.self) { try Self.decode(bytes) }
        #expect(error?.code == .unsupported && error?.message.contains("99") == true)
    }

    @Test func idsThatAreNotThePositionComeBack() throws {
        let schema = Schema(
            [
                ColumnDefinition("a", .int8), ColumnDefinition("b", .int8, isNullable: false),
                ColumnDefinition("c", .int8),
            ],
            indexed: [], columnIDs: [0, 7, 1])
        let read = try Self.decode(Self.encode(schema))
        #expect(read == schema && read.columnIDs == [0, 7, 1])
        #expect(read.columns.map(\.isNullable) == [true, false, true])
        let plain = Schema(schema.columns)
        #expect(
            plain == schema && plain.columnIDs == [0, 1, 2] && Self.encode(plain).count == Self.encode(schema).count - 2
        )
        let double = Self.encode(Schema(schema.columns, indexed: [], columnIDs: [0, 1, 1]))
        #expect(throws: FormatError.self) { try Self.decode(double) }
    }
}
