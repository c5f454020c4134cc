import ColumnFormat
import ColumnStore
import Foundation
import TestSupport

/// What tests run as processes of their own, since a store is written by one and read by many.
///
///     StoreProcess write STORE CALLS [pause]   appends, seals, erases, drops, merges; says `open`, then `done`
///     StoreProcess read STORE latest|durable   looks again and again until its input ends; says how often it did
///     StoreProcess compact STORE               says `open`, and compacts until it is killed
///     StoreProcess hold STORE                  says `open`, and keeps the store until its input ends
///
/// What goes wrong is said on standard error, with status 1.
func run(_ arguments: [String]) throws {
    guard arguments.count >= 3 else { throw Violation("use: StoreProcess write|read|compact|hold STORE …") }
    let path = arguments[2]
    switch arguments[1] {
    case "write": try write(path, callCount: Int(arguments[3]) ?? 0)
    case "read": try read(path, arguments[3] == "durable" ? .durable : .latest)
    case "compact": try compact(path)
    case "hold":
        let store = try Store.open(path)
        say("open")
        waitForEndOfInput()
        try store.close()
    default: throw Violation("there is no way to \(arguments[1])")
    }
}

func write(_ path: String, callCount: Int) throws {
    var options = StoreOptions()
    options.durability = .written
    options.syncMilliseconds = 20
    let store = try Store.open(path, options: options)
    let table = try store.createTable("calls", schema: WholeCalls.schema)
    say("open")
    for call in 0..<callCount {
        try table.append(rows: WholeCalls.rows(call))
        if call % 7 == 5 { try table.erase(where: .equal("call", .int(Int64(call - 2)))) }
        if call % 9 == 8 { try store.seal() }
        if call == callCount / 2 { try store.setRetention(Retention(rowCount: 1_000), for: "calls") }
        if call % 60 == 59 { try store.compact() }
    }
    try store.close()
    say("done")
}

func read(_ path: String, _ kind: SnapshotKind) throws {
    let ended = InputEnd()
    var looks = MonotoneLooks()
    var isLast = false
    while !isLast {
        // Looked at once more after the end, so that everybody has seen something.
        isLast = ended.hasCome
        let store = try Store.openReadOnly(path, kind)
        guard let table = try? store.table("calls") else { continue }
        try looks.look(at: table.allRows())
    }
    say("\(looks.count)")
}

func compact(_ path: String) throws {
    let store = try Store.open(path)
    let table = try store.table("calls")
    say("open")
    var call = Int(try table.rowCount) * 10
    while true {
        // Something to do each time: segments to merge, and rows to purge.
        for _ in 0..<3 {
            try table.append(rows: WholeCalls.rows(call))
            try store.seal()
            call += 1
        }
        try table.erase(where: .equal("call", .int(Int64(call - 2))))
        try store.compact()
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}

func waitForEndOfInput() { while readLine() != nil {} }

/// Whether standard input has ended, without waiting for that.
final class InputEnd: Sendable {
    private let box = Flag()
    var hasCome: Bool { box.isSet }

    init() {
        let box = box
        Thread.detachNewThread {
            waitForEndOfInput()
            box.set()
        }
    }
}

final class Flag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false
    var isSet: Bool { lock.withLock { value } }
    func set() { lock.withLock { value = true } }
}

do {
    try run(CommandLine.arguments)
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
