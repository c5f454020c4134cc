extension MeasurementFamily {
    static let tableRows = MeasurementFamily("table_rows", "Rows of a table, sealed and in memory.")
    static let tableBytes = MeasurementFamily(
        "table_bytes", unit: "bytes", "Bytes of a table's segments and index runs on disk.")
    static let tableSegments = MeasurementFamily("table_segments", "Segments of a table.")
    static let tableAppendedRows = MeasurementFamily(
        "table_appended_rows", .counter, "Rows that a table ever got; those that are gone count too.")
    static let memoryRows = MeasurementFamily("memory_rows", "Rows that are in no segment yet.")
    static let memoryBytes = MeasurementFamily(
        "memory_bytes", unit: "bytes", "About how many bytes of memory rows take that are in no segment yet.")
    static let unsealedSets = MeasurementFamily("unsealed_sets", "Sets of rows that wait to be sealed.")
    static let indexRuns = MeasurementFamily("index_runs", "Index runs of all tables.")
    static let logBytes = MeasurementFamily(
        "log_bytes", unit: "bytes", "About how many bytes of logs an opening would have to read.")
    static let unwrittenLogBytes = MeasurementFamily(
        "log_unwritten_bytes", unit: "bytes", "Bytes of events that the log has in memory and no file has yet.")
    static let unwrittenRows = MeasurementFamily(
        "log_unwritten_rows", "Rows that the end of the process would lose.")
    static let undurableRows = MeasurementFamily("log_undurable_rows", "Rows that a loss of power would lose.")
    static let waitedCalls = MeasurementFamily("waited_calls", .counter, "Calls that waited for memory.")
    static let waitSeconds = MeasurementFamily(
        "wait_seconds", .counter, unit: "seconds", "How long calls waited for memory, together.")
    static let refusedCalls = MeasurementFamily(
        "refused_calls", .counter, "Calls that were refused because memory was full.")
    static let droppedCalls = MeasurementFamily(
        "dropped_calls", .counter, "Calls that were dropped because memory or the disk was full.")
    static let droppedRows = MeasurementFamily(
        "dropped_rows", .counter, "Events and rows of calls that were dropped.")
    static let failing = MeasurementFamily(
        "failing", "1 where a part of the store does not do its work: log, seal or maintenance.")
    static let merges = MeasurementFamily(
        "maintenance_merges", .counter, "Merges and compactions of segments.")
    static let maintenanceBytes = MeasurementFamily(
        "maintenance_written_bytes", .counter, unit: "bytes", "Bytes that merges and compactions wrote.")
    static let retiredRows = MeasurementFamily(
        "maintenance_dropped_rows", .counter, "Rows that a retention let go.")
    static let purgedRows = MeasurementFamily(
        "maintenance_purged_rows", .counter, "Erased rows whose values left the files.")
    static let leftOut = MeasurementFamily(
        "samples_left_out", "Samples that were left out because a family would have had too many.")
}
