internal import ColumnFormat

/// Reads every byte that a store, or a part of it, answers for, and holds it against its checksum.
///
/// Of a store: `CURRENT` and the manifest, each segment with its header, footer, padding and pages, each index run, each
/// checkpoint, each frame of the logs; and, where that is asked for, every value decoded and compared with its zone maps,
/// which finds defects of a writer that no checksum tells. Never writes. Another process may write the store meanwhile:
/// what it replaces is then passed over, what it adds is not looked at.
package struct Verification: ~Copyable {
    /// What was looked at.
    package struct Counts: Sendable, Equatable {
        package var files = 0
        package var bytes = 0
        package var pages = 0
        /// Values in the pages and rows that were looked at.
        package var values = 0
        package var frames = 0

        package init() {}
    }

    package private(set) var counts = Counts()
    package private(set) var damages: [Damage] = []

    let inspection: Inspection
    let decodesValues: Bool
    let search = BitSearch()
    private let expectedByteCount: Int
    private let progress: (Double, Int) -> Void
    /// Lets some milliseconds pass, for a frame that another process may be writing.
    let pause: () -> Void

    var fileSystem: any FileSystem { inspection.fileSystem }

    /// - Parameters:
    ///   - decodesValues: Whether values are decoded, too.
    ///   - progress: Called often, with the share of the bytes that are done and their number.
    package init(
        _ inspection: Inspection, decodesValues: Bool = false, pause: @escaping () -> Void,
        progress: @escaping (Double, Int) -> Void
    ) {
        self.inspection = inspection
        self.decodesValues = decodesValues
        self.pause = pause
        self.progress = progress
        var total = inspection.tables.reduce(0) { $0 + $1.segmentByteCount + $1.indexByteCount }
        if case .store = inspection.place {
            total += inspection.manifest?.checkpoints.values.reduce(0) { $0 + Int(clamping: $1.byteCount) } ?? 0
            total += inspection.log?.byteCount ?? 0
        }
        expectedByteCount = max(total, 1)
    }

    /// Verifies everything. Throws `.io` or `.unsupportedVersion`; damage is no error, but in ``damages``.
    package mutating func run() throws(StoreError) {
        for damage in inspection.damages where inspection.storePath == nil { damages.append(damage) }
        for table in inspection.tables {
            for segment in table.segments { try verify(segment, of: table) }
            for run in table.indexRuns { try verify(run) }
        }
        guard case .store(let store) = inspection.place, let manifest = inspection.manifest else { return }
        for checkpoint in manifest.checkpoints.values.sorted(by: { $0.fileName < $1.fileName }) {
            try verify(checkpoint, in: store)
        }
        try verifyManifest(of: store)
        try verifyLogs(of: store)
    }

    // MARK: What each check needs

    mutating func note(_ damage: Damage) {
        var damage = damage
        damage.remedy = damage.remedy ?? Self.remedy(for: damage.path, store: inspection.storePath)
        if !damages.contains(damage) { damages.append(damage) }
    }

    mutating func update(_ place: Int, _ change: (inout Damage) -> Void) { change(&damages[place]) }

    /// What to do where a file is damaged.
    static func remedy(for path: String, store: String?) -> String {
        if path.hasSuffix(".idx") {
            return "nothing is lost: opening the store for writing makes the index anew from the rows"
        }
        if path.hasSuffix(".ckpt") { return "nothing is lost: without it the windows are made anew from the rows" }
        guard let store else { return "restore the file from a backup" }
        return "restore the file from a backup, or take out what is intact: colstat salvage \(store) --into NEW"
    }

    /// What is wrong where not even the manifest can be read, so that nothing else could be looked at.
    package static func manifestDamages(
        in store: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StoreError) -> [Damage] {
        let manifest = try SalvagedManifest(store, fileSystem, BitSearch())
        return (manifest.damages + manifest.repairs).map { damage in
            var damage = damage
            damage.remedy = remedy(for: damage.path, store: store)
            return damage
        }
    }

    /// Takes back what was noted of a log that was sealed, and made another, meanwhile.
    mutating func forgetDamages(after count: Int, ifRetired number: UInt64, in store: String) throws(StoreError) {
        if try Manifest.load(fileSystem, store).state.logStart > number { damages.removeLast(damages.count - count) }
    }

    mutating func count(bytes: Int = 0, pages: Int = 0, values: Int = 0, frames: Int = 0) {
        counts.bytes += bytes
        counts.pages += pages
        counts.values += values
        counts.frames += frames
        progress(min(1, Double(counts.bytes) / Double(expectedByteCount)), counts.bytes)
    }

    /// Runs `body` for one file of the store and notes the damage that it throws, unless the file has meanwhile been replaced.
    mutating func attempt(
        _ path: String, fileName: String?, _ body: (inout Verification) throws(StoreError) -> Void
    ) throws(StoreError) {
        do throws(StoreError) {
            try body(&self)
            counts.files += 1
        } catch {
            guard error.isDamage else { throw error }
            if error.code == .notFound, let fileName, try !isStillLive(fileName) { return }
            counts.files += 1
            note(Damage(error, path: path))
        }
    }

    private func isStillLive(_ fileName: String) throws(StoreError) -> Bool {
        guard let store = inspection.storePath else { return true }
        return try Manifest.load(fileSystem, store).state.fileNames.contains(fileName)
    }

    // MARK: Index runs and checkpoints

    private mutating func verify(_ record: IndexRunRecord) throws(StoreError) {
        let path = FilePath.join(inspection.storePath ?? "", record.fileName)
        try attempt(path, fileName: record.fileName) { (verification) throws(StoreError) in
            let file = try verification.fileSystem.mapped(path)
            do throws(StoreError) {
                let run = try IndexRun(file: file, path: path)
                guard run.isOne(record) else {
                    throw .corrupt("the index run is not the one that the manifest names", path: path)
                }
                if verification.decodesValues { try run.verify() } else { try run.verifyChecksums() }
            } catch {
                guard error.isDamage else { throw error }
                var damage = Damage(error, path: path)
                try file.loadAll()
                damage.flippedBit = unsafe IndexRun.flippedBit(of: [UInt8](file.bytes), verification.search)
                verification.note(damage)
            }
            verification.count(bytes: file.count)
        }
    }

    private mutating func verify(_ record: CheckpointRecord, in store: String) throws(StoreError) {
        let path = FilePath.join(store, record.fileName)
        try attempt(path, fileName: record.fileName) { (verification) throws(StoreError) in
            let file = try verification.fileSystem.mapped(path)
            guard UInt64(file.count) == record.byteCount else {
                throw .corrupt("\(file.count) bytes, \(record.byteCount) expected", path: path)
            }
            guard unsafe Checksum.of(file.bytes) == record.checksum else {
                var damage = Damage("the checkpoint does not match its checksum", path: path, offset: 0)
                damage.flippedBit = unsafe verification.search.find(in: file.bytes, seed: 0, expected: record.checksum)
                verification.note(damage)
                return
            }
            verification.count(bytes: file.count)
        }
    }
}
