/// What was taken out of a damaged store, and what was not.
package struct SalvageReport: Sendable {
    /// Something that is not in the new store.
    package struct Loss: Sendable, Hashable {
        package let path: String
        /// In bytes from the start of the file; nil where the whole file is meant, or none.
        package let offset: Int?
        /// The table, as the old store calls it; nil where nobody knows.
        package let table: String?
        /// The column of which values are lost, where the rest of the rows is there.
        package var column: String?
        /// By their numbers, in the old store and the new one.
        package var rows: Range<UInt64>?
        /// Where the rows have no numbers: how many there were, of all tables.
        package var count: Int?
        package let reason: String

        init(_ reason: String, path: String, offset: Int? = nil, table: String? = nil) {
            self.reason = reason
            self.path = path
            self.offset = offset
            self.table = table
        }

        init(_ damage: Damage, table: String? = nil) {
            self.init(damage.message, path: damage.path, offset: damage.offset, table: table)
        }
    }

    package struct TableResult: Sendable, Hashable {
        /// As the new store calls it.
        package let name: String
        package let oldName: String
        package internal(set) var rowCount = 0
        package internal(set) var sealedRowCount = 0
        /// Rows that were there and are not; those of damaged calls in the log are not among them.
        package internal(set) var lostRowCount = 0
    }

    package internal(set) var tables: [TableResult] = []
    package internal(set) var losses: [Loss] = []
    /// What was damaged and could be put right, or was not needed.
    package internal(set) var repairs: [Damage] = []
    /// What somebody has to know who goes on with the new store.
    package internal(set) var notes: [String] = []
    package internal(set) var copiedByteCount = 0
    package internal(set) var frameCount = 0

    /// Whether everything was as it had been written.
    package var isClean: Bool { losses.isEmpty && repairs.isEmpty }
}
