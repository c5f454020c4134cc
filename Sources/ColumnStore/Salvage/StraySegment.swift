internal import ColumnFormat

/// A segment file as it was found, whether or not the manifest names it.
struct StraySegment {
    let path: String
    /// The number in its name: later files have higher ones.
    let number: UInt64
    let byteCount: Int
    let tableName: String
    let schema: Schema
    let rows: Range<UInt64>

    /// All segment files of a store that tell what they are, those that were written last first. `named` are left out.
    static func all(
        in directory: String, _ fileSystem: any FileSystem, except named: Set<String>, _ search: BitSearch
    ) throws(StoreError) -> [StraySegment] {
        var found: [StraySegment] = []
        for folder in try folders(in: directory, fileSystem) {
            for name in try fileSystem.list(FilePath.join(directory, folder)) {
                guard name.hasSuffix(".seg"), let number = UInt64(name.dropLast(4), radix: 16) else { continue }
                guard !named.contains("\(folder)/\(name)") else { continue }
                let path = FilePath.join(FilePath.join(directory, folder), name)
                guard let segment = try? SalvagedSegment(path, nil, fileSystem, search) else { continue }
                let footer = segment.reader.footer
                // A folder is the table's name: a file that says otherwise is from elsewhere.
                guard footer.tableName == folder else { continue }
                found.append(
                    StraySegment(
                        path: path, number: number, byteCount: segment.reader.byteCount, tableName: folder,
                        schema: footer.schema, rows: segment.reader.firstRow..<segment.reader.endRow))
            }
        }
        return found.sorted { $0.number > $1.number }
    }

    /// `table` and `task/table`, links apart.
    private static func folders(in directory: String, _ fileSystem: any FileSystem) throws(StoreError) -> [String] {
        var folders: [String] = []
        for name in try fileSystem.list(directory) {
            let path = FilePath.join(directory, name)
            guard try fileSystem.kind(of: path) == .directory, (try? TableName.check(component: name)) != nil else {
                continue
            }
            folders.append(name)
            for inner in try fileSystem.list(path) {
                let kind = try fileSystem.kind(of: FilePath.join(path, inner))
                if kind == .directory, (try? TableName.check(component: inner)) != nil {
                    folders.append("\(name)/\(inner)")
                }
            }
        }
        return folders
    }
}
