internal import ColumnFormat

extension Store {
    /// Seals what is in memory and merges the segments of each table into as few as possible, so that the store is smallest
    /// and opens fastest. What is in order already is not written again.
    ///
    /// Others read and append meanwhile; a reader that is open keeps what it reads. Each merge takes effect as a whole, so a
    /// crash, or an error, leaves a store that is compacted in part. Maintenance in the background does most of this by
    /// itself; call this before a store is shipped, or at a quiet hour.
    ///
    /// Throws `.readOnly`, `.closed`, `.noSpace`, `.io` or `.corrupt`. Cost: the rows of the segments that are merged are
    /// decoded, encoded and verified, about a microsecond a row, on the calling thread.
    ///
    /// - Parameter progress: Called now and then with the share of the work that is done.
    @discardableResult
    public func compact(progress: (Double) -> Void = { _ in }) throws(StoreError) -> CompactionSummary {
        guard let maintenance else { throw StoreError.openedForReading }
        try seal()
        return try maintenance.compact(self, progress: progress)
    }

    /// What maintenance has done since the store was made; of a store that was opened for reading, until then.
    public var maintenanceStatus: MaintenanceStatus {
        maintenance?.status ?? MaintenanceStatus(metadata: manifest.state.metadata)
    }
}
