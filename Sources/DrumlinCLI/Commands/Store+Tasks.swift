import CommandSupport
import Drumlin

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Store {
    /// Opens a store for writing; whatever keeps it from opening counts as something that cannot be read.
    static func opening(_ path: String, _ options: StoreOptions) throws(CommandError) -> Store {
        do { return try open(path, options: options) } catch { throw error.openingError(path) }
    }

    /// As ``opening(_:_:)``, for a store that must be there already.
    static func openingExisting(_ path: String, _ options: StoreOptions) throws(CommandError) -> Store {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandError(
                .cannotRead, "there is no store", at: path,
                remedy: "create one with drumlin replay \(path) --spec task.json")
        }
        return try opening(path, options)
    }

    /// Opens a store for reading, also while another process writes it.
    static func reading(_ path: String) throws(CommandError) -> Store {
        do { return try openReadOnly(path) } catch { throw error.openingError(path) }
    }

    /// The task `name`, or the only one where no name is given.
    func onlyTask(named name: String?) throws -> MonitoredTask {
        let found = try tasks(named: name)
        guard found.count == 1 else {
            throw CommandError(
                .wrongUse, "the store has \(found.count) tasks: say which one with --task", at: path,
                remedy: "the tasks are \(taskNames.joined(separator: ", "))")
        }
        return found[0]
    }

    /// The task `name`, or all where no name is given; there is at least one.
    func tasks(named name: String?) throws -> [MonitoredTask] {
        let names = taskNames
        guard !names.isEmpty else {
            throw CommandError(
                .wrongUse, "the store has no task", at: path,
                remedy: "create one with drumlin replay STORE --spec task.json")
        }
        if let name, !names.contains(name) {
            throw CommandError(
                .wrongUse, "there is no task \"\(name)\"", at: path,
                remedy: "the tasks are \(names.joined(separator: ", "))")
        }
        var result: [MonitoredTask] = []
        for each in name.map({ [$0] }) ?? names { result.append(try task(each)) }
        return result
    }
}

extension StoreError {
    fileprivate func openingError(_ path: String) -> CommandError {
        var error = commandError
        error.status = .cannotRead
        if error.place == nil { error.place = path }
        if error.remedy == nil {
            error.remedy = "give a path whose folder is there and may be written: no file may stand in its way"
        }
        return error
    }
}
