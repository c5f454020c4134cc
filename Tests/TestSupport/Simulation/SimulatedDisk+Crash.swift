import ColumnStore

extension SimulatedDisk {
    /// What is on the disk after the power went.
    mutating func image(after outcome: CrashOutcome) -> SimulatedDisk {
        var image = SimulatedDisk(seed: generator.next())
        image.capacity = capacity
        image.nodes = nodes.map { Node(bytes: $0.durableBytes, durableBytes: []) }
        image.entries = durableEntries
        switch outcome {
        case .nothing: break
        case .everything:
            for change in pending { image.keep(change) }
        case .prefix(let count):
            for change in pending.prefix(count) { image.keep(change) }
        case .subset(let seed):
            var choice = SeededGenerator(seed: seed)
            // Each crash has its own mood, from losing nearly all to losing nearly nothing.
            let chance = Double.random(in: 0...1, using: &choice)
            for change in pending { image.keep(change, chance, &choice) }
        }
        image.settle()
        return image
    }

    /// What another process sees after this one was killed, and what of it is durable.
    func survivingProcess() -> SimulatedDisk {
        var disk = self
        disk.hasCrashed = false
        disk.locks = []
        disk.faults = [:]
        disk.readFaults = []
        disk.operationCount = 0
        disk.readCount = 0
        disk.journal = []
        return disk
    }

    private mutating func keep(_ change: Change) {
        switch change {
        case .write(let node, let offset, let bytes): SimulatedDisk.put(bytes, at: offset, into: &nodes[node].bytes)
        case .resize(let node, let byteCount): resize(node, byteCount)
        case .name: SimulatedDisk.apply(change, &entries)
        }
    }

    /// Keeps a change with a chance, of a write sector for sector.
    private mutating func keep(_ change: Change, _ chance: Double, _ choice: inout SeededGenerator) {
        guard case .write(let node, let offset, let bytes) = change else {
            if Double.random(in: 0...1, using: &choice) < chance { keep(change) }
            return
        }
        var start = offset
        while start < offset + bytes.count {
            let end = min(offset + bytes.count, (start / Self.sectorByteCount + 1) * Self.sectorByteCount)
            let draw = Double.random(in: 0...1, using: &choice)
            if draw < chance {
                SimulatedDisk.put(Array(bytes[start - offset..<end - offset]), at: start, into: &nodes[node].bytes)
            } else if draw < chance + (1 - chance) / 8, nodes[node].bytes.count < end {
                // The file grew, but its new sectors read as zeros.
                resize(node, end)
            }
            start = end
        }
    }

    private mutating func resize(_ node: Int, _ byteCount: Int) {
        let count = nodes[node].bytes.count
        if count < byteCount {
            nodes[node].bytes += [UInt8](repeating: 0, count: byteCount - count)
        } else {
            nodes[node].bytes.removeLast(count - byteCount)
        }
    }

    /// What survived is what is durable now; a name whose directory is gone is gone.
    private mutating func settle() {
        for path in entries.keys.sorted() where path != "/" {
            if entries[FilePath.parent(of: path)] != .directory { entries[path] = nil }
        }
        for i in nodes.indices { nodes[i].durableBytes = nodes[i].bytes }
        durableEntries = entries
    }

    // MARK: For tests that look and meddle

    func contents(of path: String) -> [UInt8]? {
        guard case .file(let node) = entries[Self.normalized(path)] else { return nil }
        return nodes[node].bytes
    }

    mutating func setContents(of path: String, to bytes: [UInt8]) {
        let path = Self.normalized(path)
        let node: Int
        if case .file(let existing) = entries[path] {
            node = existing
        } else {
            nodes.append(Node())
            node = nodes.count - 1
            entries[path] = .file(node: node)
            durableEntries[path] = .file(node: node)
        }
        nodes[node] = Node(bytes: bytes, durableBytes: bytes)
        pending.removeAll { $0.node == node }
    }

    var filePaths: [String] {
        entries.compactMap { path, entry in
            if case .file = entry { path } else { nil }
        }.sorted()
    }
}
