package import ColumnFormat

/// A store, some of its tables, or segment files without their store, as one sees them without reading a value: from the
/// manifest and the footers.
///
/// Takes no lock, opens no index and never writes; another process may be writing the store. What cannot be read is told
/// in ``damages``, and the rest is there.
package struct Inspection: Sendable {
    /// As it was asked for.
    package let path: String
    package let place: InspectedPath
    /// Nil without a store.
    package let manifest: ManifestState?
    /// By name.
    package let tables: [TableInspection]
    /// Nil where it was not asked for, and without a store.
    package let log: LogInspection?
    package let damages: [Damage]
    let fileSystem: any FileSystem

    /// The store's directory; nil without a store.
    package var storePath: String? {
        switch place {
        case .store(let path), .tables(let path, _): path
        case .folder, .segment: nil
        }
    }

    /// Looks at what `path` names: see ``InspectedPath``.
    ///
    /// O(segments), and O(bytes in the log) where that is included.
    ///
    /// - Throws: `.notFound` with the names that there are; `.invalidInput` for what is no part of a store; `.corrupt` where
    ///   the manifest, or a segment that was asked for alone, is damaged; `.unsupportedVersion`; `.io`.
    package static func open(
        _ path: String, includingLog: Bool, currentDirectory: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StoreError) -> Inspection {
        try read(path, includingLog: includingLog, currentDirectory: currentDirectory, fileSystem: fileSystem) { $0 }
    }

    /// Looks at what `path` names and calls `body` with it; again, with what there is then, where files went meanwhile
    /// because another process sealed.
    package static func read<R>(
        _ path: String, includingLog: Bool, currentDirectory: String, fileSystem: any FileSystem = PosixFileSystem(),
        _ body: (Inspection) throws(StoreError) -> R
    ) throws(StoreError) -> R {
        let place = try InspectedPath(path, currentDirectory: currentDirectory, fileSystem: fileSystem)
        switch place {
        case .segment(let file):
            let segment = try SegmentInspection(path: file, fileSystem)
            return try body(Inspection(path, place, [segment], [], fileSystem))
        case .folder(let folder):
            let (segments, damages) = try Self.segments(in: folder, fileSystem)
            return try body(Inspection(path, place, segments, damages, fileSystem))
        case .store(let store), .tables(let store, _):
            var attempts = 0
            while true {
                attempts += 1
                // Nil where CURRENT names no manifest, of which loading says more.
                let version = try? Manifest.version(fileSystem, store)
                do throws(StoreError) {
                    let inspection = try Inspection(path, place, store, includingLog: includingLog, fileSystem)
                    if inspection.damages.isEmpty || attempts == 16 { return try body(inspection) }
                    if (try? Manifest.version(fileSystem, store)) == version { return try body(inspection) }
                } catch {
                    guard error.isDamage, attempts < 16 else { throw error }
                    if (try? Manifest.version(fileSystem, store)) == version { throw error }
                }
            }
        }
    }

    /// Segments without their store, grouped by the table that each says it is of.
    private init(
        _ path: String, _ place: InspectedPath, _ segments: [SegmentInspection], _ damages: [Damage],
        _ fileSystem: any FileSystem
    ) {
        self.path = path
        self.place = place
        self.damages = damages
        self.fileSystem = fileSystem
        manifest = nil
        log = nil
        var tables: [TableInspection] = []
        for (name, group) in Dictionary(grouping: segments, by: { $0.footer?.tableName ?? "" }) {
            // Two tables of one name, from different stores, differ in their columns.
            for (schema, parts) in Dictionary(grouping: group, by: { $0.footer?.schema ?? Schema([]) }) {
                tables.append(
                    TableInspection(
                        name: name, record: nil, schemas: SchemaHistory(schema),
                        segments: parts.sorted { $0.firstRow < $1.firstRow }))
            }
        }
        self.tables = tables.sorted { $0.name < $1.name }
    }

    private static func segments(
        in folder: String, _ fileSystem: any FileSystem
    ) throws(StoreError) -> ([SegmentInspection], [Damage]) {
        var (segments, damages) = ([SegmentInspection](), [Damage]())
        for name in try fileSystem.list(folder) where name.hasSuffix(".seg") {
            let path = FilePath.join(folder, name)
            do throws(StoreError) {
                segments.append(try SegmentInspection(path: path, fileSystem))
            } catch {
                guard error.isDamage else { throw error }
                damages.append(Damage(error, path: path))
            }
        }
        return (segments, damages)
    }

    /// A store, or those of its tables that `place` selects.
    private init(
        _ path: String, _ place: InspectedPath, _ store: String, includingLog: Bool, _ fileSystem: any FileSystem
    ) throws(StoreError) {
        let (state, _) = try Manifest.load(fileSystem, store)
        var damages: [Damage] = []
        var tables: [TableInspection] = []
        for record in try Self.select(place, from: state) {
            let schemas = try record.schemaHistory(path: store)
            let schema = schemas.current
            let segments = record.segments.map {
                SegmentInspection(
                    record: $0, schema: schema, directory: store, fileSystem, damages: &damages)
            }
            for run in record.indexRuns {
                Self.check(run.fileName, byteCount: run.byteCount, store, fileSystem, &damages)
            }
            tables.append(
                TableInspection(name: record.name, record: record, schemas: schemas, segments: segments))
        }
        if case .store = place {
            for checkpoint in state.checkpoints.values.sorted(by: { $0.fileName < $1.fileName }) {
                Self.check(checkpoint.fileName, byteCount: checkpoint.byteCount, store, fileSystem, &damages)
            }
        }
        if includingLog {
            let log = try LogInspection(state, directory: store, fileSystem, damages: &damages)
            for i in tables.indices {
                guard let id = tables[i].id else { continue }
                tables[i].add(loggedRowCount: log.rowCounts[id] ?? 0, log.removals[id] ?? RowRemoval())
            }
            self.log = log
        } else {
            log = nil
        }
        self.path = path
        self.place = place
        self.tables = tables
        self.damages = damages
        self.fileSystem = fileSystem
        manifest = state
    }

    /// Bytes of all files of the store, whatever they are for; 0 without a store. O(files).
    package var directoryByteCount: Int {
        guard case .store = place else { return 0 }
        return fileSystem.byteCount(below: path)
    }

    private static func select(_ place: InspectedPath, from state: ManifestState) throws(StoreError) -> [TableRecord] {
        let all = state.tables.values.sorted { $0.name < $1.name }
        guard case .tables(let store, let name) = place else { return all }
        if let table = state.table(named: name) { return [table] }
        let ofTask = all.filter { $0.name.hasPrefix(name + "/") }
        if !ofTask.isEmpty { return ofTask }
        let bare = all.filter { $0.name.hasSuffix("/" + name) }
        if bare.count == 1 { return bare }
        throw StoreError(
            .notFound, bare.isEmpty ? "there is no table '\(name)'" : "several tasks have a table '\(name)'",
            path: store,
            remedy: all.isEmpty
                ? "the store has no tables yet" : "the tables are \(all.map(\.name).joined(separator: ", "))")
    }

    /// Whether a file that is not read is there and as long as it was written.
    private static func check(
        _ name: String, byteCount: UInt64, _ store: String, _ fileSystem: any FileSystem, _ damages: inout [Damage]
    ) {
        let path = FilePath.join(store, name)
        do throws(StoreError) {
            let found = try fileSystem.byteCount(of: path)
            if UInt64(found) != byteCount {
                damages.append(
                    Damage(
                        "\(found) bytes, \(byteCount) expected", path: path,
                        offset: min(found, Int(clamping: byteCount))))
            }
        } catch {
            damages.append(Damage(error, path: path))
        }
    }
}

extension TableRecord {
    /// The columns, now and before. Throws `.corrupt`, naming the store's manifest at `path`.
    func schemaHistory(path: String) throws(StoreError) -> SchemaHistory {
        do {
            return try SchemaHistory(self)
        } catch {
            throw StoreError(error, path: FilePath.join(path, Manifest.currentName))
        }
    }
}
