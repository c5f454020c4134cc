public import ColumnStore

extension Store {
    /// Puts together what there is to say of the store's tasks: see ``StoreReport``. Nothing is written; the store may have been
    /// opened for reading, while another process writes it.
    ///
    /// - Throws: `.notFound` for an unknown task, `.invalidInput` for a window that does not tumble, and what reading throws.
    /// - Complexity: O(rows × columns): each column of each window is summarized once.
    public func report(_ options: ReportOptions = ReportOptions()) throws(StoreError) -> StoreReport {
        var tasks: [TaskReport] = []
        for name in options.tasks ?? taskNames {
            tasks.append(try ReportCollection(try task(name), options).report())
        }
        return StoreReport(path: path, madeAt: .now, storage: ReportStorage(self), tasks: tasks)
    }
}
