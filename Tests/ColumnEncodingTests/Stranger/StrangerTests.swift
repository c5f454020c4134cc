import ColumnEncoding
import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

/// What this code writes is what Format.md says: a second reader, written in Python from that page alone, finds every value.
@Suite(.enabled(if: StrangersReader.python != nil, "python3 is not installed"))
struct StrangerTests {
    @Test func readsPagesOfEveryCodec() throws {
        let reader = try StrangersReader()
        for sample in CodecSample.all {
            let schema = Schema([ColumnDefinition(sample.name, sample.slice.type)])
            try reader.add(table: "samples", schema: schema, firstRow: 0, columns: [sample.slice])
        }
        try reader.expectSameValues()
    }

    /// Also those that no encoder makes any more.
    @Test func readsPagesAsTheyWereFirstWritten() throws {
        let reader = try StrangersReader()
        for sample in CodecSample.all {
            try reader.add(pages: [GoldenPageTests.committedBytes(of: sample)], of: [sample.slice])
        }
        try reader.expectSameValues()
    }

    @Test(arguments: ValueStyle.allCases)
    func readsEveryType(style: ValueStyle) throws {
        let reader = try StrangersReader()
        for (pattern, count) in [(NullPattern.none, 1_025), (.alternating, 1_024), (.all, 33), (.rare, 2_500)] {
            let columns = allScalarTypes.map { style.slice($0, count: count, nulls: pattern) }
            let definitions = allScalarTypes.map {
                ColumnDefinition("a \($0.name)", $0, isNullable: pattern != .none)
            }
            let schema = Schema(definitions, indexed: ["a string", "a uuid"])
            try reader.add(table: "trips/\(pattern)", schema: schema, firstRow: 1 << 40, columns: columns)
        }
        try reader.expectSameValues()
    }

    @Test func readsSegmentsOfSeveralBlocks() throws {
        let reader = try StrangersReader()
        let types: [ColumnType] = [.timestamp, .bool, .string]
        let columns = types.map { ValueStyle.smooth.slice($0, count: 65_536 + 1_500, nulls: .rare) }
        let schema = Schema(types.map { ColumnDefinition($0.name, $0) })
        try reader.add(table: "long", schema: schema, firstRow: 3, columns: columns)
        try reader.expectSameValues()
    }

    @Test func readsSegmentsWithErasedRows() throws {
        let reader = try StrangersReader()
        let erased = RowSet(110..<113).union(RowSet(700..<1_401))
        let columns = [ColumnType.timestamp, .string, .float64].map {
            ValueStyle.smooth.slice($0, count: 1_500, nulls: .none)
        }
        let schema = Schema(columns.map { ColumnDefinition($0.type.name, $0.type, isNullable: false) })
        try reader.add(table: "erased", schema: schema, firstRow: 100, columns: columns, erased: erased)
        try reader.expectSameValues()
    }

    @Test func namesTheFileThatIsDamaged() throws {
        let reader = try StrangersReader()
        let slice = CodecSample.all[0].slice
        try reader.add(
            table: "samples", schema: Schema([ColumnDefinition("a", slice.type)]), firstRow: 0, columns: [slice])
        try reader.damageLastFile(at: 100)
        let (status, message) = try reader.run()
        #expect(status == 1 && message.contains("0.seg: checksum of the page at 64"))
    }
}
