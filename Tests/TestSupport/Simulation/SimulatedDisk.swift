import ColumnStore

/// The state behind a `SimulatedFileSystem`: what the process sees, what is durable, and the changes in between.
struct SimulatedDisk: Sendable {
    static let sectorByteCount = 512

    /// A file's bytes, as seen and as durable.
    struct Node: Sendable {
        var bytes: [UInt8] = []
        var durableBytes: [UInt8] = []
        /// Whether a sync has failed and forgotten: then a later one makes durable only what was written since.
        var hasLosses = false
    }

    /// What a path may name. Nodes are never reused.
    enum Entry: Sendable, Equatable {
        case file(node: Int)
        case directory
    }

    /// A change that a crash may lose.
    enum Change: Sendable {
        case write(node: Int, offset: Int, bytes: [UInt8])
        case resize(node: Int, byteCount: Int)
        /// In `directory`, `path` comes to name `entry`, or nothing; a rename also takes away the old name, at once.
        case name(path: String, entry: Entry?, removing: String?)

        /// Whether names below may lose the directory that they are in.
        var isOfDirectory: Bool {
            switch self {
            case .write, .resize: false
            case .name(_, let entry, let removed): entry == .directory || entry == nil && removed == nil
            }
        }
    }

    var nodes: [Node] = []
    var entries: [String: Entry] = ["/": .directory]
    var durableEntries: [String: Entry] = ["/": .directory]
    var pending: [Change] = []
    var locks: Set<String> = []
    var faults: [Int: SimulatedFault] = [:]
    var readFaults: [Int: SimulatedReadFault] = [:]
    var capacity: Int?
    var operationCount = 0
    var readCount = 0
    var journal: [String] = []
    /// A run of many crashes does without: the text of an operation costs more than the operation.
    var keepsJournal = true
    var hasCrashed = false
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    func checkAlive(_ path: String) throws(StoreError) {
        if hasCrashed { throw StoreError(.io, "the simulated machine is off", path: path) }
    }

    /// Counts an operation. Returns the fault that is to happen within it; throws those that leave nothing to do.
    mutating func begin(
        _ what: @autoclosure () -> String, _ path: String, isPartial: Bool = false
    ) throws(StoreError) -> SimulatedFault? {
        try checkAlive(path)
        let number = operationCount
        operationCount += 1
        if keepsJournal { journal.append("\(number) \(what()) \(path)") }
        guard !faults.isEmpty, let fault = faults[number] else { return nil }
        if keepsJournal { journal[journal.count - 1] += " \(fault)" }
        if isPartial { return fault }
        // What only a write can suffer does nothing to others.
        guard !fault.isOfWrites else { return nil }
        throw failure(fault, what(), path)
    }

    mutating func failure(_ fault: SimulatedFault, _ what: String, _ path: String) -> StoreError {
        switch fault {
        case .crash:
            hasCrashed = true
            return StoreError(.io, "the simulated machine lost power in \(what)", path: path)
        case .noSpace: return StoreError(.noSpace, "simulated full disk in \(what)", path: path)
        case .inputOutput, .syncLosesData, .shortWrite, .interrupted, .misplacedWrite, .lostWrite:
            return StoreError(.io, "simulated failure of \(what)", path: path)
        }
    }

    // MARK: Files

    mutating func open(_ path: String, _ mode: FileMode) throws(StoreError) -> Int {
        try checkAlive(path)
        if case .directory = entries[path] { throw StoreError(.io, "open: it is a directory", path: path) }
        if case .file(let node) = entries[path] {
            switch mode {
            case .read, .readWrite: return node
            case .createNew: throw StoreError(.alreadyExists, "open: it exists", path: path)
            case .createOrTruncate:
                _ = try begin("truncate", path)
                nodes[node].bytes = []
                pending.append(.resize(node: node, byteCount: 0))
                return node
            }
        }
        guard mode == .createNew || mode == .createOrTruncate else {
            throw StoreError(.notFound, "open: there is no such file", path: path)
        }
        try checkParent(path)
        _ = try begin("create", path)
        nodes.append(Node())
        setName(path, .file(node: nodes.count - 1))
        return nodes.count - 1
    }

    /// What one call of read gives; nil where a signal came between.
    mutating func read(
        _ node: Int, _ path: String, _ offset: Int, _ byteCount: Int
    ) throws(StoreError) -> ArraySlice<UInt8>? {
        try checkAlive(path)
        readCount += 1
        var end = min(nodes[node].bytes.count, offset + byteCount)
        if !readFaults.isEmpty, let fault = readFaults[readCount - 1] {
            switch fault {
            case .inputOutput: throw StoreError(.io, "simulated failure of read", path: path, offset: offset)
            case .interrupted: return nil
            case .short where offset < end: end = Int.random(in: offset + 1...end, using: &generator)
            case .short: break
            }
        }
        guard offset < end else { return [] }
        return nodes[node].bytes[offset..<end]
    }

    /// How many bytes one call of write took; nil where a signal came between.
    mutating func write(_ node: Int, _ path: String, _ bytes: [UInt8], _ offset: Int) throws(StoreError) -> Int? {
        let fault = try begin("write \(bytes.count) at \(offset)", path, isPartial: true)
        var arriving = bytes[...]
        var place = offset
        switch fault {
        case nil, .crash: break
        case .interrupted: return nil
        case .lostWrite: return bytes.count
        case .misplacedWrite(let distance): place = max(0, offset + distance)
        case .shortWrite: arriving = bytes.prefix(Int.random(in: 1...max(1, bytes.count - 1), using: &generator))
        case .inputOutput, .noSpace, .syncLosesData:
            arriving = bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))
        }
        let growth = max(0, place + arriving.count - nodes[node].bytes.count)
        if let capacity, growth > 0 {
            // What fits is written, and the call says so; the next one fails.
            let room = max(0, capacity - usedByteCount)
            if growth > room { arriving = arriving.prefix(max(0, arriving.count - (growth - room))) }
            if arriving.isEmpty, fault == nil { throw failure(.noSpace, "write", path) }
        }
        if !arriving.isEmpty {
            SimulatedDisk.put(arriving, at: place, into: &nodes[node].bytes)
            pending.append(.write(node: node, offset: place, bytes: Array(arriving)))
        }
        if let fault, !fault.isOfWrites { throw failure(fault, "write", path) }
        return arriving.count
    }

    mutating func extend(_ node: Int, _ path: String, _ byteCount: Int) throws(StoreError) {
        _ = try begin("preallocate \(byteCount)", path)
        let growth = byteCount - nodes[node].bytes.count
        guard growth > 0 else { return }
        if let capacity, usedByteCount + growth > capacity { throw failure(.noSpace, "preallocate", path) }
        nodes[node].bytes.append(contentsOf: repeatElement(0, count: growth))
        pending.append(.resize(node: node, byteCount: byteCount))
    }

    mutating func truncate(_ node: Int, _ path: String, _ byteCount: Int) throws(StoreError) {
        _ = try begin("truncate \(byteCount)", path)
        let surplus = nodes[node].bytes.count - byteCount
        guard surplus > 0 else { return }
        nodes[node].bytes.removeLast(surplus)
        pending.append(.resize(node: node, byteCount: byteCount))
    }

    mutating func sync(_ node: Int, _ path: String) throws(StoreError) {
        let fault = try begin("sync", path, isPartial: true)
        if let fault, !fault.isOfWrites {
            if fault == .syncLosesData {
                nodes[node].hasLosses = true
                pending.removeAll { $0.node == node }
            }
            throw failure(fault, "sync", path)
        }
        if nodes[node].hasLosses {
            for change in pending where change.node == node { SimulatedDisk.apply(change, &nodes[node].durableBytes) }
        } else {
            nodes[node].durableBytes = nodes[node].bytes
        }
        pending.removeAll { $0.node == node }
    }

    // MARK: Names

    mutating func rename(_ path: String, _ newPath: String) throws(StoreError) {
        guard case .file(let node) = entries[path] else {
            throw StoreError(.notFound, "rename: there is no such file", path: path)
        }
        try checkParent(newPath)
        _ = try begin("rename to \(newPath)", path)
        entries[path] = nil
        entries[newPath] = .file(node: node)
        pending.append(.name(path: newPath, entry: .file(node: node), removing: path))
    }

    mutating func unlink(_ path: String) throws(StoreError) {
        guard case .file = entries[path] else {
            try checkAlive(path)
            throw StoreError(.notFound, "unlink: there is no such file", path: path)
        }
        _ = try begin("unlink", path)
        setName(path, nil)
    }

    mutating func createDirectory(_ path: String) throws(StoreError) {
        try checkAlive(path)
        if entries[path] == .directory { return }
        guard entries[path] == nil else { throw StoreError(.alreadyExists, "mkdir: it exists", path: path) }
        try checkParent(path)
        _ = try begin("mkdir", path)
        setName(path, .directory)
    }

    mutating func removeDirectory(_ path: String) throws(StoreError) {
        guard entries[path] == .directory else { throw StoreError(.notFound, "rmdir: there is none", path: path) }
        guard try list(path).isEmpty else { throw StoreError(.io, "rmdir: it is not empty", path: path) }
        _ = try begin("rmdir", path)
        setName(path, nil)
    }

    mutating func syncDirectory(_ path: String) throws(StoreError) {
        guard entries[path] == .directory else { throw StoreError(.notFound, "there is no directory", path: path) }
        _ = try begin("sync directory", path)
        var rest: [Change] = []
        for change in pending {
            if case .name(let name, _, let removed) = change,
                isIn(path, name) || removed.map({ isIn(path, $0) }) ?? false
            {
                SimulatedDisk.apply(change, &durableEntries)
            } else {
                rest.append(change)
            }
        }
        pending = rest
    }

    func list(_ path: String) throws(StoreError) -> [String] {
        try checkAlive(path)
        guard entries[path] == .directory else { throw StoreError(.notFound, "there is no directory", path: path) }
        return entries.keys.filter { $0 != "/" && isIn(path, $0) }.map { FilePath.name(of: $0) }.sorted()
    }

    func kind(of path: String) throws(StoreError) -> FileKind {
        try checkAlive(path)
        return switch entries[path] {
        case .file: .file
        case .directory: .directory
        case nil: .none
        }
    }

    mutating func lock(_ path: String) throws(StoreError) {
        try checkAlive(path)
        guard !locks.contains(path) else {
            throw StoreError(
                .locked, "the store is open for writing elsewhere", path: path, remedy: "close the other writer")
        }
        if entries[path] == nil { _ = try open(path, .createNew) }
        locks.insert(path)
    }

    private mutating func setName(_ path: String, _ entry: Entry?) {
        entries[path] = entry
        pending.append(.name(path: path, entry: entry, removing: nil))
    }

    /// Whether `path`, which is normalized, lies immediately in `directory`. Without an allocation: it is asked often.
    func isIn(_ directory: String, _ path: String) -> Bool {
        let (folder, name) = (directory.utf8, path.utf8)
        let prefixCount = directory == "/" ? 0 : folder.count
        guard name.count > prefixCount + 1, directory == "/" || name.starts(with: folder) else { return false }
        let rest = name.dropFirst(prefixCount)
        return rest.first == UInt8(ascii: "/") && !rest.dropFirst().contains(UInt8(ascii: "/"))
    }

    private func checkParent(_ path: String) throws(StoreError) {
        try checkAlive(path)
        guard entries[FilePath.parent(of: path)] == .directory else {
            throw StoreError(.notFound, "its directory does not exist", path: path)
        }
    }

    var usedByteCount: Int {
        entries.values.reduce(0) { sum, entry in
            if case .file(let node) = entry { sum + nodes[node].bytes.count } else { sum }
        }
    }

    static func put(_ source: ArraySlice<UInt8>, at offset: Int, into bytes: inout [UInt8]) {
        if bytes.count == offset { return bytes.append(contentsOf: source) }
        if bytes.count < offset + source.count {
            bytes.append(contentsOf: repeatElement(0, count: offset + source.count - bytes.count))
        }
        bytes.replaceSubrange(offset..<offset + source.count, with: source)
    }

    static func apply(_ change: Change, _ bytes: inout [UInt8]) {
        switch change {
        case .write(_, let offset, let written): put(written[...], at: offset, into: &bytes)
        case .resize(_, let byteCount) where byteCount < bytes.count: bytes.removeLast(bytes.count - byteCount)
        case .resize(_, let byteCount):
            bytes.append(contentsOf: repeatElement(0, count: byteCount - bytes.count))
        case .name: break
        }
    }

    static func apply(_ change: Change, _ entries: inout [String: Entry]) {
        guard case .name(let path, let entry, let removed) = change else { return }
        entries[path] = entry
        if let removed { entries[removed] = nil }
    }
}

extension SimulatedDisk.Change {
    /// The file whose bytes change.
    var node: Int? {
        switch self {
        case .write(let node, _, _), .resize(let node, _): node
        case .name: nil
        }
    }
}
