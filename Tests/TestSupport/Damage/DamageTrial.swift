import ColumnStore

/// One thing that happens to one file of a store.
package enum FileDamage: Sendable, Equatable {
    case flippedBit(offset: Int, bit: Int)
    case zeroedSector(Int)
    /// With a sector of the same or another file.
    case swappedSector(Int, file: String, sector: Int)
    case truncated(byteCount: Int)
    case deleted
}

/// Damages a sample store, one file at a time, and looks at what reading and verifying make of it.
package struct DamageTrial: Sendable {
    /// What became of one damage.
    package enum Outcome: Sendable {
        /// `colstat verify` finds it; reading gave an error that names a file, or the right data.
        case detected(readsRight: Bool, namesOffset: Bool)
        /// Nobody finds it, and everything reads right.
        case harmless
        /// A wrong answer, or damage that `verify` does not find.
        case violation(String)
    }

    private static let sectorByteCount = 512
    private let sample: DamageSample

    package init(_ sample: DamageSample) { self.sample = sample }

    /// All files, the lock apart: it is empty and nothing is read from it.
    package var files: [String] { sample.disk.filePaths.filter { !$0.hasSuffix("/LOCK") } }

    /// Everything that happens to a file.
    package func damages(of file: String) -> [FileDamage] {
        let byteCount = sample.disk.contents(of: file)?.count ?? 0
        var all: [FileDamage] = (0..<byteCount).flatMap { offset in
            (0..<8).map { .flippedBit(offset: offset, bit: $0) }
        }
        let sectors = 0..<(byteCount + Self.sectorByteCount - 1) / Self.sectorByteCount
        all += sectors.map { .zeroedSector($0) }
        for other in files {
            let count =
                ((sample.disk.contents(of: other)?.count ?? 0) + Self.sectorByteCount - 1) / Self.sectorByteCount
            for sector in sectors {
                all += (0..<count).filter { other > file || other == file && $0 > sector }.map {
                    .swappedSector(sector, file: other, sector: $0)
                }
            }
        }
        all += (0..<byteCount).map { .truncated(byteCount: $0) }
        return all + [.deleted]
    }

    /// Does one, and says what came of it.
    package func outcome(of damage: FileDamage, to file: String) -> Outcome {
        let disk = sample.disk.fork(.kill, seed: 3)
        disk.setKeepsJournal(false)
        apply(damage, to: file, on: disk)
        if disk.contents(of: file) == sample.disk.contents(of: file), damage != .deleted { return .harmless }
        let verified = verify(disk)
        let read = read(disk)
        switch (read, verified) {
        case (.wrong(let text), _): return .violation("\(damage) of \(file): \(text)")
        case (.error(let error), _) where error.path == nil:
            return .violation("\(damage) of \(file): the error names no file: \(error)")
        case (.error(let error), .clean):
            return .violation("\(damage) of \(file): verify finds nothing, and reading says \(error)")
        case (.right, .clean): return .harmless
        case (.right, .found(let namesOffset)): return .detected(readsRight: true, namesOffset: namesOffset)
        case (.error, .found(let namesOffset)): return .detected(readsRight: false, namesOffset: namesOffset)
        }
    }

    private func apply(_ damage: FileDamage, to file: String, on disk: SimulatedFileSystem) {
        var bytes = disk.contents(of: file) ?? []
        switch damage {
        case .flippedBit(let offset, let bit): bytes[offset] ^= 1 << UInt8(bit)
        case .zeroedSector(let sector):
            for i in range(sector, bytes.count) { bytes[i] = 0 }
        case .swappedSector(let sector, let other, let otherSector):
            var others = other == file ? bytes : disk.contents(of: other) ?? []
            let (here, there) = (range(sector, bytes.count), range(otherSector, others.count))
            let (old, new) = (Array(bytes[here]), Array(others[there]))
            let count = min(old.count, new.count)
            bytes.replaceSubrange(here.lowerBound..<here.lowerBound + count, with: new.prefix(count))
            if other == file {
                bytes.replaceSubrange(there.lowerBound..<there.lowerBound + count, with: old.prefix(count))
            } else {
                others.replaceSubrange(there.lowerBound..<there.lowerBound + count, with: old.prefix(count))
                disk.setContents(of: other, to: others)
            }
        case .truncated(let byteCount): bytes.removeLast(bytes.count - byteCount)
        case .deleted:
            try? disk.unlink(file)
            return
        }
        disk.setContents(of: file, to: bytes)
    }

    private func range(_ sector: Int, _ byteCount: Int) -> Range<Int> {
        sector * Self.sectorByteCount..<min(byteCount, (sector + 1) * Self.sectorByteCount)
    }

    // MARK: What is made of it

    private enum Reading {
        case right
        case wrong(String)
        case error(StoreError)
    }

    private enum Verified {
        case clean
        case found(namesOffset: Bool)
    }

    private func read(_ disk: SimulatedFileSystem) -> Reading {
        do {
            let store = try Store.openReadOnly(DamageSample.path, options: DamageSample.options(disk))
            return try DamageContents(store).difference(from: sample.contents).map { .wrong($0) } ?? .right
        } catch let error as StoreError {
            return .error(error)
        } catch {
            return .wrong("\(error)")
        }
    }

    private func verify(_ disk: SimulatedFileSystem) -> Verified {
        do {
            let inspection = try Inspection.open(
                DamageSample.path, includingLog: true, currentDirectory: "/", fileSystem: disk)
            var verification = Verification(inspection, pause: {}, progress: { _, _ in })
            try verification.run()
            let damages = inspection.damages + verification.damages
            return damages.isEmpty ? .clean : .found(namesOffset: damages.contains { $0.offset != nil })
        } catch {
            return .found(namesOffset: error.offset != nil)
        }
    }
}
