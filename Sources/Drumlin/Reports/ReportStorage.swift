internal import ColumnFormat
internal import ColumnStore

/// What the store takes on disk, and whether it is whole.
struct ReportStorage: Sendable {
    struct Column: Sendable {
        let name: String
        let type: String
        let encoding: String?
        let rawByteCount: Int
        let byteCount: Int
    }

    struct Table: Sendable {
        let name: String
        let rowCount: Int
        let logRowCount: Int
        let segmentCount: Int
        let byteCount: Int
        let rawByteCount: Int
        let indexByteCount: Int
        let columns: [Column]
    }

    private(set) var tables: [Table] = []
    private(set) var logByteCount = 0
    /// What is wrong with the files, as text.
    private(set) var damages: [String] = []
    /// What keeps the store from working, as text.
    private(set) var failures: [String] = []

    /// From the manifest, the footers and the log; what cannot be read is told in ``damages``.
    init(_ store: Store) {
        let status = store.status
        for failure in [status.sealFailure, status.logFailure].compactMap(\.self) { failures.append(failure.message) }
        do throws(StoreError) {
            let inspection = try Inspection.open(
                store.path, includingLog: true, currentDirectory: "/", fileSystem: store.options.environment.fileSystem)
            tables = inspection.tables.map(Self.table)
            logByteCount = inspection.log?.usedByteCount ?? 0
            damages = inspection.damages.map { "\($0.path): \($0.message)" }
        } catch {
            damages.append("\(error.path ?? store.path): \(error.message)")
        }
    }

    private static func table(_ table: TableInspection) -> Table {
        Table(
            name: table.name, rowCount: table.rowCount, logRowCount: table.logRowCount,
            segmentCount: table.segments.count, byteCount: table.segmentByteCount, rawByteCount: table.rawByteCount,
            indexByteCount: table.indexByteCount,
            columns: table.columns.map {
                Column(
                    name: $0.definition.name, type: $0.definition.type.name, encoding: $0.encodings.first?.name,
                    rawByteCount: $0.rawByteCount, byteCount: $0.encodedByteCount)
            })
    }

    func write(to writer: inout ReportWriter) {
        writer.object { writer in
            writer.member("log_bytes", logByteCount)
            writer.member("damages", damages)
            writer.member("failures", failures)
            writer.member("tables") { writer in
                writer.array(tables) { writer, table in
                    writer.object { writer in
                        writer.member("name", table.name)
                        writer.member("rows", table.rowCount)
                        writer.member("log_rows", table.logRowCount)
                        writer.member("segments", table.segmentCount)
                        writer.member("bytes", table.byteCount)
                        writer.member("raw_bytes", table.rawByteCount)
                        writer.member("index_bytes", table.indexByteCount)
                        writer.member("columns") { writer in
                            writer.array(table.columns) { writer, column in
                                writer.object { writer in
                                    writer.member("name", column.name)
                                    writer.member("type", column.type)
                                    writer.member("encoding", column.encoding)
                                    writer.member("raw_bytes", column.rawByteCount)
                                    writer.member("bytes", column.byteCount)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
