/// The tables of the last two sections of a log that is replayed: predictions and their labels take turns.
struct ReplayedTables {
    struct Target {
        let table: TableState
        /// What the table has of these stays, as long as nothing but rows comes.
        let memtable: Memtable
        let schemaVersion: UInt32

        init(_ table: TableState) {
            self.table = table
            memtable = table.active
            schemaVersion = table.schemaVersion
        }
    }

    private var last: Target?
    private var before: Target?

    /// The table with this id; nil where there is none any more.
    @inline(__always)
    mutating func target(_ id: UInt32, in tables: [UInt32: TableState]) -> Target? {
        if last?.table.id != id {
            swap(&last, &before)
            if last?.table.id != id { last = tables[id].map(Target.init) }
        }
        return last
    }
}
