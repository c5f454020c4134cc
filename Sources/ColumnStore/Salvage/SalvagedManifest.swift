internal import ColumnFormat

/// What the manifest of a damaged store still says is live, and what else its files tell about the tables.
struct SalvagedManifest {
    private(set) var state = ManifestState()
    /// Whether commits are missing before others that are there, or all are: files that no commit names may then be live.
    private(set) var hasGap = false
    private(set) var damages: [Damage] = []
    private(set) var repairs: [Damage] = []
    /// Names of tables that no commit makes, by id: their files lie in a folder of that name.
    private(set) var folders: [UInt32: String] = [:]

    init(_ directory: String, _ fileSystem: any FileSystem, _ search: BitSearch) throws(StoreError) {
        let numbers = try Manifest.manifestNumbers(fileSystem, directory).sorted(by: >)
        var candidates = numbers
        var durableByteCount = 0
        do throws(StoreError) {
            let file = try Manifest.current(fileSystem, directory)
            let current = file.number
            durableByteCount = file.durableByteCount
            candidates = numbers.contains(current) ? [current] : []
            if candidates.isEmpty {
                var damage = Damage(Manifest.missing(current, directory), path: Manifest.path(directory, current))
                if let bit = Manifest.flippedBit(ofCurrent: numbers, fileSystem, directory) {
                    let path = FilePath.join(directory, Manifest.currentName)
                    damage = Damage("it names a manifest that does not exist", path: path, offset: bit.byte)
                    damage.flippedBit = bit
                }
                damages.append(damage)
                candidates = numbers
            }
        } catch {
            guard error.isDamage else { throw error }
            let path = FilePath.join(directory, Manifest.currentName)
            var damage = Damage(error.code == .notFound ? "the file is missing" : error.message, path: path)
            damage.flippedBit = Manifest.flippedBit(ofCurrent: numbers, fileSystem, directory)
            damages.append(damage)
        }
        for number in candidates {
            let path = Manifest.path(directory, number)
            do throws(StoreError) {
                try read(path, number, fileSystem, search, durableByteCount: durableByteCount)
                if state.storeID != nil { return }
            } catch {
                guard error.isDamage else { throw error }
                damages.append(Damage(error, path: path))
            }
        }
        hasGap = true
    }

    private mutating func read(
        _ path: String, _ number: UInt64, _ fileSystem: any FileSystem, _ search: BitSearch, durableByteCount: Int
    ) throws(StoreError) {
        let log = try SalvageLog(
            path, kind: .manifest, number: number, validByteCount: nil, fileSystem, search: search)
        state = ManifestState()
        hasGap = false
        var tears: [Damage] = []
        try log.read { (item) throws(StoreError) in
            switch item {
            case .frame(let frame): apply(frame)
            case .gap(let gap):
                if gap.missing != nil || state.storeID == nil {
                    hasGap = true
                    damages.append(gap.damage)
                } else {
                    // A commit that was never acknowledged, or the last one: the logs tell which.
                    tears.append(gap.damage)
                }
            }
        }
        damages += tears
        if log.endOffset < durableByteCount, tears.isEmpty {
            // Cut where a commit ends.
            hasGap = true
            damages.append(
                Damage(
                    "the manifest ends after \(log.endOffset) bytes; when the store was closed it had \(durableByteCount)",
                    path: path, offset: log.endOffset))
        }
        repairs += log.repairs
    }

    private mutating func apply(_ frame: LogFrame) {
        var sections = frame.sections
        while let section = try? sections.next() {
            guard section.kind == .manifestEdits, let edits = try? unsafe ManifestEdit.decode(section.bytes) else {
                continue
            }
            if !hasGap, (try? state.apply(edits)) != nil { continue }
            // What is live without the commits that are missing: edit by edit, as far as they fit.
            hasGap = true
            for edit in edits {
                if let (id, fileName) = edit.namedFile, state.tables[id] == nil {
                    folders[id] = FilePath.parent(of: fileName)
                }
                try? state.apply([edit])
            }
        }
    }
}

extension ManifestEdit {
    /// A file of a table that the edit makes live.
    fileprivate var namedFile: (tableID: UInt32, fileName: String)? {
        switch self {
        case .segmentAdded(let id, let record): (id, record.fileName)
        case .indexRunAdded(let id, let record): (id, record.fileName)
        default: nil
        }
    }
}

extension Manifest {
    /// The bit of `CURRENT` that keeps it from naming one of the manifests that there are.
    static func flippedBit(
        ofCurrent numbers: [UInt64], _ fileSystem: any FileSystem, _ directory: String
    ) -> FlippedBit? {
        let path = FilePath.join(directory, currentName)
        guard let found = try? fileSystem.readFile(path, limit: CurrentFile.byteLimit) else { return nil }
        for byte in found.indices {
            for bit in 0..<8 {
                var bytes = found
                bytes[byte] ^= 1 << UInt8(bit)
                guard let current = CurrentFile(reading: bytes), numbers.contains(current.number) else { continue }
                return FlippedBit(byte: byte, bit: bit)
            }
        }
        return nil
    }
}
