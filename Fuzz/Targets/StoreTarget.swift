import ColumnFormat
import ColumnStore
import ColumnViews
import Drumlin
import TestSupport

/// A whole store, as an archive: of each file `u8` and so many bytes of its path, `u32` and so many bytes. It is opened and
/// read with its tasks, opened for writing, and salvaged; what is salvaged opens.
struct StoreTarget: FuzzTarget {
    struct Member {
        var path: String
        var bytes: [UInt8]
    }

    func run(_ input: [UInt8]) {
        let files = Self.members(input)
        let disk = Self.disk(files)
        Self.read(disk)
        Self.salvage(disk)
        if let store = try? Store.open("/s", options: Self.options(disk)) {
            for name in store.taskNames.prefix(4) { _ = try? store.task(name) }
            if let table = try? store.table("rides") {
                try? table.append(rows: [["id": "new", "at": .timestamp(Timestamp(microseconds: 5))]])
            }
            try? store.seal()
            try? store.close()
        }
    }

    private static func read(_ disk: SimulatedFileSystem) {
        guard let store = try? Store.openReadOnly("/s", options: options(disk)) else { return }
        for table in store.tables.prefix(8) {
            var count = 0
            guard let scan = try? table.scan() else { continue }
            while let batch = try? scan.next(), count < 5_000 {
                count += batch.rowCount
                for column in batch.columnNames.prefix(8) { _ = batch[batch.rowCount - 1, column] }
            }
            require((try? table.rowCount).map { $0 >= 0 } ?? true, "fewer rows than none")
            _ = try? table.row(0)
            _ = try? table.lookup("ride-3")
        }
        for name in store.taskNames.prefix(4) {
            guard let task = try? store.task(name) else { continue }
            _ = try? task.metrics()
            _ = task.status
        }
    }

    private static func salvage(_ disk: SimulatedFileSystem) {
        var options = Salvage.Options()
        options.environment = self.options(disk).environment
        options.bitSearchSteps = 1e6
        options.references = TaskSalvage.references
        do throws(StoreError) {
            let salvage = try Salvage("/s", options)
            _ = try salvage.run(into: "/new", detaching: TaskSalvage.brokenTasks(salvage))
        } catch {
            require(error.path?.hasPrefix("/new") != true, "the salvaged store is no good: \(error)")
        }
    }

    private static func options(_ disk: SimulatedFileSystem) -> StoreOptions {
        var options = StoreOptions()
        options.durability = .written
        options.arrival = .eventTime
        options.environment.fileSystem = disk
        options.environment.clock = ManualClock()
        options.environment.logChunkByteCount = 4_096
        options.environment.makeExecutor = { _ in InlineExecutor() }
        return options
    }

    private static func disk(_ files: [Member]) -> SimulatedFileSystem {
        let disk = SimulatedFileSystem()
        try? disk.createDirectories("/s")
        for file in files {
            let path = "/s/\(file.path)"
            try? disk.createDirectories(FilePath.parent(of: path))
            disk.setContents(of: path, to: file.bytes)
        }
        return disk
    }

    // MARK: The archive

    static func members(_ bytes: [UInt8]) -> [Member] {
        var members: [Member] = []
        var offset = 0
        while offset < bytes.count, members.count < 64 {
            let nameEnd = offset + 1 + Int(bytes[offset])
            guard nameEnd + 4 <= bytes.count else { break }
            let path = String(decoding: bytes[offset + 1..<nameEnd], as: UTF8.self)
            let count = bytes[nameEnd..<nameEnd + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            let start = nameEnd + 4
            guard count <= bytes.count - start else { break }
            if !path.isEmpty, !path.contains(".."), !path.hasSuffix("/") {
                members.append(Member(path: path, bytes: Array(bytes[start..<start + count])))
            }
            offset = start + count
        }
        return members
    }

    static func archive(_ members: [Member]) -> [UInt8] {
        members.flatMap { member -> [UInt8] in
            let name = Array(member.path.utf8.prefix(255))
            var length = [UInt8](repeating: 0, count: 4)
            for place in 0..<4 { length[place] = UInt8(truncatingIfNeeded: member.bytes.count >> (8 * place)) }
            return [UInt8(name.count)] + name + length + member.bytes
        }
    }

    /// One file is changed, most often with its checksums made right.
    func mutated(_ input: [UInt8], using choice: inout SplitMix, limit: Int) -> [UInt8] {
        var files = Self.members(input)
        guard !files.isEmpty else { return Self.archive(Self.smallStore()) }
        let place = choice.below(files.count)
        let room = max(files[place].bytes.count, limit - input.count)
        files[place].bytes = fuzzed(files[place].bytes, limit: min(room, files[place].bytes.count + 256))
        if choice.next() % 8 != 0 { Self.repair(&files[place]) }
        return Self.archive(files)
    }

    private static func repair(_ file: inout Member) {
        if file.path.hasSuffix(".seg") {
            ChecksumRepair.segment(&file.bytes)
        } else if file.path.hasSuffix(".idx") {
            ChecksumRepair.index(&file.bytes)
        } else if file.path.hasPrefix("log-") {
            ChecksumRepair.log(&file.bytes, kind: .log)
        } else if file.path.hasPrefix("MANIFEST-") {
            ChecksumRepair.log(&file.bytes, kind: .manifest)
        }
    }

    // MARK: Seeds

    var seeds: [[UInt8]] { [Self.archive(Self.smallStore()), Self.archive(Self.smallStore(closes: false))] }

    /// A table and a task, some rows sealed, some in the log. Logs end with what was written.
    ///
    /// - Parameter isRich: With a reference, windows of all kinds, constraints, and rows that were erased.
    static func smallStore(closes: Bool = true, isRich: Bool = false) -> [Member] {
        let disk = SimulatedFileSystem()
        do {
            let store = try Store.open("/s", options: options(disk))
            let schema = Schema(
                [
                    ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp),
                    ColumnDefinition("zone", .string),
                ], indexed: ["id"])
            let table = try store.createTable("rides", schema: schema)
            try table.append(rows: (0..<30).map(ride))
            let schemaOfTask = TaskSchema(kind: .binary(), features: ["distance": .float32])
            let task = try store.task("tips", schema: schemaOfTask)
            try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
            if isRich { try enrich(task, schemaOfTask) }
            for number in 0..<40 {
                try task.logPrediction(
                    id: "p\(number)", at: time(number), prediction: number % 2 == 0 ? 0.75 : 0.25,
                    features: ["distance": .float64(Double(number))])
            }
            for number in 0..<20 { try task.logFeedback(id: "p\(number)", at: time(40 + number), label: 1) }
            try store.seal()
            try table.append(rows: (30..<34).map(ride))
            try task.logPrediction(
                id: "p40", at: time(41), prediction: 0.5, features: ["distance": .float64(1)])
            try task.logFeedback(id: "p20", at: time(62), label: 0)
            if isRich {
                try table.erase(where: .in("id", [.string("ride-3"), .string("ride-4"), .string("ride-32")]))
                try task.logFeedback(id: "p3", at: time(63), label: .withdrawn)
                try table.addColumn(ColumnDefinition("wide", .int64))
                try table.append(rows: [ride(40)])
            }
            if closes { try store.close() } else { try store.sync() }
        } catch {
            fatalError("\(error)")
        }
        return disk.filePaths.filter { $0.hasPrefix("/s/") && !$0.hasSuffix("LOCK") }.map { path in
            var bytes = disk.contents(of: path) ?? []
            if path.contains("log-") { bytes = Array(bytes.prefix((bytes.lastIndex { $0 != 0 } ?? 0) + 9)) }
            return Member(path: String(path.dropFirst(3)), bytes: bytes)
        }
    }

    private static func enrich(_ task: MonitoredTask, _ schema: TaskSchema) throws {
        try task.registerMetric(.f1, windows: [.sliding(.hours(2), every: .hours(1)), .cumulative])
        try task.registerMetric(.rocAUC, windows: [.trailing(.hours(3)), .tumbling(.days(1))])
        try task.registerConstraint(.range("distance", 0...30))
        let reference = TrainingSet(schema: schema)
        for row in 0..<60 {
            try reference.append(
                prediction: .number(Double(row) / 60), label: .number(row % 3 == 0 ? 1 : 0),
                features: ["distance": .float64(Double(row % 7))])
        }
        try task.logTrainingSet(reference, modelVersion: "v1")
    }

    private static func time(_ number: Int) -> Timestamp {
        Timestamp(microseconds: 1_583_020_800_000_000 + Int64(number) * 60_000_000)
    }

    private static func ride(_ number: Int) -> [String: Value] {
        [
            "id": .string("ride-\(number)"), "at": .timestamp(time(number)),
            "zone": number % 4 == 0 ? .null : .string("zone \(number % 3)"),
        ]
    }
}
