import ColumnFormat
import ColumnStore
import Drumlin

/// A small store that was closed in good order, with every kind of table, type and file: tables of a user's with segments,
/// index runs, erased rows, a changed schema and rows in the log; a task with a reference, labels, metrics and a checkpoint.
package struct DamageSample: Sendable {
    package static let path = "/dir/store"

    package let disk: SimulatedFileSystem
    package let contents: DamageContents
    /// The codecs that occur in its pages.
    package let codecs: Set<String>

    package init() throws {
        disk = SimulatedFileSystem(seed: 77)
        try disk.createDirectory("/dir")
        let store = try Store.open(Self.path, options: Self.options(disk))
        try Self.fill(store)
        try store.close()
        contents = try DamageContents(Store.openReadOnly(Self.path, options: Self.options(disk)))
        codecs = try Self.codecs(disk)
    }

    static func options(_ disk: SimulatedFileSystem) -> StoreOptions {
        let simulated = SimulatedStore(disk)
        var options = simulated.options()
        options.arrival = .eventTime
        return options
    }

    // MARK: Contents

    private static func fill(_ store: Store) throws {
        let every = try store.createTable("every", schema: EveryType.schema)
        try every.append(rows: EveryType.rows(0..<24, seed: 1))
        let codecs = try store.createTable("codecs", schema: codecSchema)
        try codecs.append(rows: (0..<200).map(codecRow))
        let changed = try store.createTable("changed", schema: LifeRows.schema)
        try changed.append(rows: [["id": "before", "call": 1, "place": 1, "text": "x"]])
        let task = try store.task("t", schema: LifeTask.schema)
        for registration in LifeTask.registrations {
            try task.registerMetric(registration.metric, windows: registration.windows)
        }
        try events(of: task, 0..<12)
        try store.seal()
        try LifeRows.changes[0](changed)
        try LifeRows.changes[1](changed)
        try changed.append(rows: [["id": "after", "call": 2, "place": 70_000, "text": "y", "added": "z"]])
        try every.erase(where: .in("id", ["row-3", "row-4"]))
        try store.compact()
        try task.logTrainingSet(LifeTask.reference(), modelVersion: "v0")
        try every.append(rows: EveryType.rows(24..<30, seed: 2))
        try store.seal()
        // What follows is in the log alone.
        try every.append(rows: EveryType.rows(30..<34, seed: 3))
        try every.erase(where: .in("id", ["row-7", "row-31"]))
        try events(of: task, 12..<16)
        try store.setMetadata(["note": [1, 2, 3]])
    }

    private static func events(of task: MonitoredTask, _ numbers: Range<Int>) throws {
        for number in numbers {
            let at = LifeTask.firstTime + Int64(number) * 14_400_000_000
            try LifeTask.log([LifeModel.Prediction(number: number, at: at, score: Double(number % 16) / 16)], to: task)
            let target = number % 4 == 1 ? number + 1 : number / 2
            try LifeTask.log(
                LifeModel.Label(number: target, at: at + 1, label: number % 5 == 4 ? nil : 1, row: nil), to: task)
        }
    }

    // MARK: Codecs

    /// Columns of the kinds for which there is a codec.
    private static let codecSchema = Schema(
        [
            ColumnDefinition("hex", .string, isNullable: false), ColumnDefinition("uuid", .string),
            ColumnDefinition("counter", .string), ColumnDefinition("city", .string), ColumnDefinition("cased", .string),
            ColumnDefinition("note", .string), ColumnDefinition("rare", .string), ColumnDefinition("constant", .int32),
            ColumnDefinition("sequence", .int64), ColumnDefinition("small", .int32), ColumnDefinition("spiky", .int64),
            ColumnDefinition("runs", .int32), ColumnDefinition("skewed", .uint8), ColumnDefinition("price", .float64),
            ColumnDefinition("narrow", .float64), ColumnDefinition("printed", .float64),
            ColumnDefinition("noise", .float64), ColumnDefinition("time", .timestamp),
            ColumnDefinition("sum", .float64), ColumnDefinition("hour", .int32), ColumnDefinition("flag", .bool),
            ColumnDefinition("blob", .bytes), ColumnDefinition("scaled", .int64),
        ], indexed: ["hex"])

    private static func codecRow(_ number: Int) -> [String: Value] {
        var random = SeededGenerator(seed: UInt64(number) &* 77 &+ 5)
        func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
        func hex(_ count: Int) -> String { (0..<count).map { _ in String(below(16), radix: 16) }.joined() }
        let at = 1_583_020_800_000_000 + Int64(number) * 61_000_000 + Int64(below(1_000_000))
        let (first, second) = (Double(below(4_000)) / 100, Double(below(900)) / 100)
        let words = ["the", "driver", "took", "a", "long", "way", "around", "and", "was", "late"]
        return [
            "hex": .string(hex(8) + "\(number)"),
            "uuid": .string("\(hex(8))-\(hex(4))-4\(hex(3))-8\(hex(3))-\(hex(12))"),
            "counter": .string("trip-\(1_000_000 + number)"),
            "city": .string(["Ghent", "Bruges", "Antwerp"][below(3)]),
            "cased": .string(["Yes", "yes", "NO"][below(3)]),
            "note": .string((0..<6).map { _ in words[below(words.count)] }.joined(separator: " ")),
            "rare": number % 60 == 7 ? .string("rare \(number)") : .null, "constant": 42,
            "sequence": .int(Int64(number) * 3),
            "small": .int(Int64(below(100))), "spiky": .int(number % 50 == 0 ? Int64.max - 9 : Int64(below(16))),
            "runs": .int(Int64(number / 40)), "skewed": .uint(below(10) == 0 ? UInt64(below(256)) : UInt64(below(2))),
            "price": .float64(first), "narrow": .float64(Double(Float(below(1_000)) / 7)),
            "printed": .float64(Double("\(Float(below(100_000)) / 77_777)") ?? 0),
            "noise": .float64(Double.random(in: 0...1, using: &random)),
            "time": .timestamp(Timestamp(microseconds: at)),
            "sum": .float64(first + second), "hour": .int(at / 3_600_000_000 % 24), "flag": .bool(below(9) == 0),
            "blob": .bytes([UInt8](repeating: UInt8(below(4)), count: below(30))),
            "scaled": .int(Int64(below(500)) * 1_000),
        ]
    }

    private static func codecs(_ disk: SimulatedFileSystem) throws -> Set<String> {
        let store = try Store.openReadOnly(path, options: options(disk))
        var names: Set<String> = []
        for table in store.tables {
            let segments = try store.read { core throws(StoreError) in try table.state(in: core).segments }
            for segment in segments {
                for page in segment.footer.columns.joined() {
                    names.formUnion(page.encoding.split { !$0.isLetter && !$0.isNumber }.map { String($0) })
                }
            }
        }
        return names
    }
}
