import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

@testable import ColumnEncoding

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

    /// Every relation on columns that are hard on arithmetic.
    @Test(arguments: [ColumnType.float32, .float64, .int64, .uint16, .bool])
    func readsDerivedColumns(target: ColumnType) throws {
        let reader = try StrangersReader()
        for source in [ColumnType.float64, .float32, .int64, .uint8, .bool] {
            for (block, relation) in RelationTests.samples(target: target, source: source) {
                var pages = block.columns.map { PageEncoder.encode($0).bytes }
                pages[pages.count - 1] = try block.page(pages.count - 1, as: relation).bytes
                try reader.add(pages: pages, of: block.columns)
            }
        }
        try reader.expectSameValues()
    }

    /// A column that follows from others, all of them null where the first one is: a segment as it is written.
    @Test func readsColumnsWithTheValidityOfAnother() throws {
        let block = SharedValidityTests.block(rowCount: 70_000)
        #expect(
            block.encoded(rows: 0..<65_536).contains { $0.references.validity != nil && !$0.references.sources.isEmpty }
        )
        let reader = try StrangersReader()
        let schema = Schema(zip(block.names, block.columns).map { ColumnDefinition($0, $1.type) })
        try reader.add(table: "shared", schema: schema, firstRow: 9, columns: block.columns)
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

    @Test func readsIndexRuns() throws {
        let folder = TemporaryFolder()
        let store = try Store.open(folder.path("every.drumlin"))
        let rows = EveryType.rows(0..<1_500, seed: 5)
        try store.createTable("rows", schema: EveryType.schema).append(rows: rows)
        try store.seal()
        try store.close()
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path("every.drumlin/rows"))
        let run = try #require(files.first { $0.hasSuffix(".idx") })
        var entries: [String] = []
        for column in EveryType.schema.indexed {
            let position = UInt64(try #require(EveryType.schema.position(of: column)))
            for (row, values) in rows.enumerated() {
                guard let key = Self.key(of: values[column] ?? .null) else { continue }
                let hash = String(Checksum.of(key, seed: position) >> 32, radix: 16)
                entries.append(String(repeating: "0", count: 8 - hash.count) + "\(hash) \(row)")
            }
        }
        let sorted = entries.sorted { left, right in
            let (left, right) = (left.split(separator: " "), right.split(separator: " "))
            return left[0] == right[0] ? Int(left[1])! < Int(right[1])! : left[0] < right[0]
        }
        let reader = try StrangersReader()
        reader.add(
            path: folder.path("every.drumlin/rows/\(run)"),
            lines: ["run of rows 0 to \(rows.count), \(entries.count) entries"] + sorted)
        try reader.expectSameValues()
    }

    private static func key(of value: Value) -> [UInt8]? {
        switch value {
        case .string(let text): Array(text.utf8)
        case .uuid(let bytes): bytes
        case .uint(let number): (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        default: nil
        }
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
