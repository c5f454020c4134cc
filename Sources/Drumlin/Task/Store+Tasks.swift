internal import ColumnFormat
public import ColumnStore
internal import ColumnViews
internal import Synchronization

extension Store {
    /// The names of the tasks in the store, sorted.
    public var taskNames: [String] {
        metadataKeys.compactMap { key in
            guard key.hasPrefix(TaskKeys.prefix), key.hasSuffix(TaskKeys.schemaSuffix) else { return nil }
            return String(key.dropFirst(TaskKeys.prefix.count).dropLast(TaskKeys.schemaSuffix.count))
        }
    }

    /// A task, created if the store has none of that name.
    ///
    /// Run it unchanged at every start: the same schema gives the same task with all it has logged. A schema with more
    /// features, or more observed columns, behind those that there are extends the task: of what was logged before they
    /// are null. That has to be the first opening of the task in this process. Throws `.schemaMismatch` if the task exists
    /// with another schema, `.invalidInput` for a schema that is not possible.
    public func task(_ name: String, schema: TaskSchema) throws(StoreError) -> MonitoredTask {
        try TableName.check(component: name)
        try schema.check()
        let keys = TaskKeys(name)
        var schema = schema
        if let stored = metadata(keys.schema) {
            do throws(FormatError) {
                schema = schema.adoptingEstimator(of: try TaskSchema(reading: stored))
            } catch {
                throw StoreError(error, path: path)
            }
            if stored != schema.bytes() { try extendTask(name, from: stored, to: schema) }
        } else {
            try replaceTables(TaskTables(schema).named(name), settingMetadata: [keys.schema: schema.bytes()])
        }
        return try openTask(name, schema: schema)
    }

    /// A task that exists. A custom bucketing is then without its closure. Throws `.notFound` with the names that exist.
    public func task(_ name: String) throws(StoreError) -> MonitoredTask {
        guard let bytes = metadata(TaskKeys(name).schema) else {
            let known = taskNames
            throw StoreError(
                .notFound, "there is no task '\(name)'", path: path,
                remedy: known.isEmpty ? "the store has no tasks yet" : "the tasks are \(known.joined(separator: ", "))")
        }
        do {
            return try openTask(name, schema: try TaskSchema(reading: bytes))
        } catch let error as FormatError {
            throw StoreError(error, path: path)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.io, "\(error)")
        }
    }

    /// Removes a task with everything it has logged, for good. Handles to it are of no use afterwards.
    public func dropTask(_ name: String) throws(StoreError) {
        let task = try task(name)
        try task.shared.registration.withLock { _ throws(StoreError) in
            let keys = metadataKeys.filter { $0.hasPrefix(TaskKeys(name).all) }
            let names = [
                "predictions", "labels", "reference", "metrics", ViolationTable.name, AlertTable.name,
                SummaryTable.name,
            ].map { "\(name)/\($0)" }
            try dropTables(names, removingMetadata: keys)
            read { core in
                core.checkpointProviders[name] = nil
                core.rowDroppers["\(name)/predictions"] = nil
                task.shared.state.isDropped = true
            }
            attachments.withLock { $0[TaskKeys(name).schema] = nil }
            counters.remove(name)
        }
    }

    private func openTask(_ name: String, schema: TaskSchema) throws(StoreError) -> MonitoredTask {
        let key = TaskKeys(name).schema
        if let shared = attachments.withLock({ $0[key] }) as? TaskShared {
            return MonitoredTask(store: self, name: name, schema: schema, shared: shared)
        }
        let loaded = try TaskLoading(store: self, name: name, schema: schema).load()
        let shared = attachments.withLock { attachments in
            if let other = attachments[key] as? TaskShared { return other }
            attachments[key] = loaded
            return loaded
        }
        read { core in
            core.rowDroppers["\(name)/predictions"] = shared
        }
        shared.checks.notify(self, shared)
        let task = MonitoredTask(store: self, name: name, schema: schema, shared: shared)
        shared.monitor.begin(task)
        return task
    }
}

/// The keys under which a task's registrations are kept in the manifest.
struct TaskKeys {
    static let prefix = "task/"
    static let schemaSuffix = "/schema"
    private let name: String

    init(_ name: String) { self.name = name }

    var all: String { Self.prefix + name + "/" }
    var schema: String { Self.prefix + name + Self.schemaSuffix }
    var metrics: String { all + "metrics" }
    var layout: String { all + "layout" }
    var constraints: String { all + "constraints" }
    var alerts: String { all + "alerts" }
    var segments: String { all + "segments" }
    /// µs, little-endian: predictions with earlier times may have been dropped.
    var edge: String { all + "edge" }
    func epoch(_ index: Int) -> String { all + "epoch/\(index)" }
}
