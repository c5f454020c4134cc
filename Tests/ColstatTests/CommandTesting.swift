import ArgumentParser
import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin
import Foundation
import TestSupport

@testable import colstat

/// How a call of `colstat` went.
struct CommandResult {
    var text = ""
    /// What went to standard error.
    var complaints = ""
    var status = ExitStatus.fine

    /// The text with all runs of blanks as one, and sizes and ratios as `#`: those change with the encodings.
    var pattern: String {
        text.replacing(#/\d[\d.]* [kM]?B\b/#, with: "#").replacing(#/\b\d+ %/#, with: "# %").replacing(
            #/\b\d+\.\d+\b/#, with: "#"
        )
        .replacing(#/ +/#, with: " ")
    }

    var json: JSONValue { get throws { try JSONParser.parse(text) } }

    /// The objects of an array.
    var objects: [JSONObject] {
        get throws {
            guard case .array(let values) = try json else { return [] }
            return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
        }
    }
}

extension TemporaryFolder {
    /// Runs `colstat` in this process.
    func colstat(_ arguments: String..., terminal: Terminal = .none) -> CommandResult {
        var result = CommandResult()
        do {
            var parsed = try ColstatCommand.parse(arguments)
            guard let command = parsed as? any InspectingCommand else {
                // Help, which ends by an error.
                try parsed.run()
                return result
            }
            try command.execute(for: terminal) { (text: String) throws(CommandError) in
                result.text += text
            } complain: {
                result.complaints += $0
            }
        } catch {
            let failure = CommandFailure(error, of: ColstatCommand.self)
            result.status = failure.status
            if failure.isForStandardOutput { result.text += failure.text } else { result.complaints += failure.text }
        }
        return result
    }

    /// The files of a store that hold something, with their paths.
    func files(of store: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: store).sorted()
        return names.map { store + "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !path.hasSuffix("/LOCK")
        }
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

    func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

/// A store with one table of rides: two segments, and some rows in the log.
enum Rides {
    static let schema = Schema(
        [
            ColumnDefinition("id", .string, isNullable: false), ColumnDefinition("at", .timestamp),
            ColumnDefinition("zone", .string), ColumnDefinition("distance", .float64),
            ColumnDefinition("passengers", .uint8),
        ], indexed: ["id"])

    static func row(_ number: Int) -> [String: Value] {
        [
            "id": .string("ride-\(number)"), "at": .timestamp(time(number)),
            "zone": number % 4 == 0 ? .null : number == 1 ? "" : .string("zone \(number % 3)"),
            "distance": number == 2 ? .float64(.nan) : .float64(Double(number) / 4),
            "passengers": .uint(UInt64(number % 5)),
        ]
    }

    /// One ride a minute from 2020-03-01.
    static func time(_ number: Int) -> Timestamp {
        Timestamp(microseconds: 1_583_020_800_000_000 + Int64(number) * 60_000_000)
    }

    static var options: StoreOptions {
        var options = StoreOptions()
        options.durability = .written
        // Tests flip and read all of it.
        options.environment.logChunkByteCount = 8_192
        return options
    }

    @discardableResult
    static func make(_ folder: TemporaryFolder, inLog: Int = 7) throws -> String {
        let path = folder.path("rides.drumlin")
        let store = try Store.open(path, options: options)
        let table = try store.createTable("rides", schema: schema)
        try table.append(rows: (0..<1_000).map(row))
        try store.seal()
        try table.append(rows: (1_000..<1_500).map(row))
        try store.seal()
        for number in 1_500..<1_500 + inLog { try table.append(rows: [row(number)]) }
        try store.close()
        return path
    }
}

/// A store of a task, all kinds of files in it.
enum Tips {
    static func make(_ folder: TemporaryFolder, seals: Bool = true) throws -> String {
        let path = folder.path("tips.drumlin")
        var options = Rides.options
        options.arrival = .eventTime
        let store = try Store.open(path, options: options)
        let task = try store.task("tips", schema: TaskSchema(kind: .binary(), features: ["distance": .float64]))
        try task.registerMetric(.accuracy, windows: [.tumbling(.hours(1))])
        for number in 0..<600 {
            try task.logPrediction(
                id: "p\(number)", at: Rides.time(number), prediction: number % 2 == 0 ? 0.75 : 0.25,
                features: ["distance": .float64(Double(number))])
        }
        for number in 0..<300 { try task.logFeedback(id: "p\(number)", at: Rides.time(600 + number), label: 1) }
        if seals { try store.seal() }
        try store.close()
        return path
    }
}
