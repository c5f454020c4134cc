import ColumnStore

extension SimulatedDisk {
    /// What is on the disk after the power went. Its own seed is `seed`.
    func image(after outcome: CrashOutcome, seed: UInt64) -> SimulatedDisk {
        if outcome == .kill { return survivingProcess() }
        var image = SimulatedDisk(seed: seed)
        image.capacity = capacity
        image.keepsJournal = keepsJournal
        image.nodes = nodes
        for i in image.nodes.indices { image.nodes[i].bytes = image.nodes[i].durableBytes }
        image.entries = durableEntries
        switch outcome {
        case .nothing, .kill: break
        case .everything:
            for change in pending { image.keep(change) }
        case .prefix(let count):
            for change in pending.prefix(count) { image.keep(change) }
        case .torn(let seed):
            var choice = SeededGenerator(seed: seed)
            guard !pending.isEmpty else { break }
            let place = Int.random(in: 0..<pending.count, using: &choice)
            for change in pending[..<place] { image.keep(change) }
            var loss = Loss(choice: choice)
            image.keep(pending[place], &loss)
        case .subset(let seed):
            var loss = Loss(choice: SeededGenerator(seed: seed))
            for change in pending { image.keep(change, &loss) }
        }
        image.settle(hasDirectoryChanges: pending.contains { $0.isOfDirectory })
        return image
    }

    /// What another process sees after this one was killed, and what of it is durable. A sync of the next process makes durable what
    /// it sees, also where one of this process has failed and forgotten: no system tells it of that.
    func survivingProcess() -> SimulatedDisk {
        var disk = self
        for node in disk.nodes.indices where disk.nodes[node].hasLosses { disk.nodes[node].hasLosses = false }
        disk.hasCrashed = false
        disk.locks = []
        disk.faults = [:]
        disk.readFaults = [:]
        disk.operationCount = 0
        disk.readCount = 0
        disk.journal = []
        return disk
    }

    private mutating func keep(_ change: Change) {
        switch change {
        case .write(let node, _, _), .resize(let node, _): SimulatedDisk.apply(change, &nodes[node].bytes)
        case .name: SimulatedDisk.apply(change, &entries)
        }
    }

    /// How one crash loses. Each has its own mood, from losing nearly all to losing nearly nothing.
    private struct Loss {
        var choice: SeededGenerator
        let chance: Double
        let sectorByteCount: Int
        let growth: Growth

        /// What reads where a file grew and its data did not arrive.
        enum Growth: Int { case nothing, zeros, garbage, stale }

        init(choice: SeededGenerator) {
            self.choice = choice
            let bits = self.choice.next()
            chance = Double(bits >> 11) * 0x1p-53
            sectorByteCount = bits & 1 == 0 ? SimulatedDisk.sectorByteCount : 4_096
            growth = Growth(rawValue: Int(bits >> 1 & 3)) ?? .nothing
        }

        mutating func isKept() -> Bool { Double(choice.next() >> 11) * 0x1p-53 < chance }
    }

    /// Keeps a change with a chance, of a write sector for sector.
    private mutating func keep(_ change: Change, _ loss: inout Loss) {
        guard case .write(let node, let offset, let bytes) = change else {
            if loss.isKept() { keep(change) }
            return
        }
        let unit = loss.sectorByteCount
        var start = offset
        while start < offset + bytes.count {
            let end = min(offset + bytes.count, (start / unit + 1) * unit)
            if loss.isKept() {
                SimulatedDisk.put(bytes[start - offset..<end - offset], at: start, into: &nodes[node].bytes)
            } else if loss.growth != .nothing, nodes[node].bytes.count < end, loss.isKept() {
                grow(node, end, &loss)
            }
            start = end
        }
    }

    /// The file grew, but its new sectors are not what was written.
    private mutating func grow(_ node: Int, _ byteCount: Int, _ loss: inout Loss) {
        let start = nodes[node].bytes.count
        var filling = [UInt8](repeating: 0, count: byteCount - start)
        switch loss.growth {
        case .nothing, .zeros: break
        case .garbage:
            for i in filling.indices where i % 8 == 0 {
                let word = loss.choice.next()
                for byte in 0..<min(8, filling.count - i) {
                    filling[i + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte))
                }
            }
        case .stale:
            let other = nodes[Int.random(in: 0..<nodes.count, using: &loss.choice)].durableBytes
            for i in filling.indices where start + i < other.count { filling[i] = other[start + i] }
        }
        nodes[node].bytes.append(contentsOf: filling)
    }

    /// What survived is what is durable now; a name whose directory is gone is gone.
    private mutating func settle(hasDirectoryChanges: Bool) {
        if hasDirectoryChanges {
            for path in entries.keys.sorted() where path != "/" {
                if entries[FilePath.parent(of: path)] != .directory { entries[path] = nil }
            }
        }
        for i in nodes.indices { (nodes[i].durableBytes, nodes[i].hasLosses) = (nodes[i].bytes, false) }
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
