internal import ColumnFormat
internal import Synchronization

/// What became of the events of a task, or of the calls of a store, that were not just stored; since the store was made, as
/// far as it was sealed or closed since.
///
/// What is counted is kept in the manifest, for people: it is written with each seal and at the end.
package final class EventCounters: Sendable {
    /// What is counted; the raw values are places in the manifest's list.
    package enum Counter: Int, CaseIterable, Sendable {
        // Of a store.
        case waitedCalls, waitedMicroseconds, refusedCalls, droppedCalls, droppedEvents
        // Of a task.
        case droppedPredictions, droppedFeedback, latePredictions, refusedPredictions, refusedFeedback, pendingLabels
        case violatingPredictions, violatingFeedback
    }

    // An array of atomics there is not.
    private let values: Mutex<[Int]>

    package init(_ values: [Int] = []) {
        self.values = Mutex(values + [Int](repeating: 0, count: max(0, Counter.allCases.count - values.count)))
    }

    package subscript(_ counter: Counter) -> Int { values.withLock { $0[counter.rawValue] } }

    package func add(_ count: Int, to counter: Counter) { values.withLock { $0[counter.rawValue] &+= count } }

    package func set(_ counter: Counter, to value: Int) { values.withLock { $0[counter.rawValue] = value } }

    package var all: [Int] { values.withLock { $0 } }
}

/// The counters of a store, and of each of its tasks.
package final class EventCounterSet: Sendable {
    /// The metadata of the manifest that holds them.
    package static let key = "counters"

    /// The store's own are those of no name.
    private let owners: Mutex<[String: EventCounters]>

    package init(metadata: [String: [UInt8]]) {
        owners = Mutex(Self.read(metadata).mapValues { EventCounters($0) })
    }

    /// The counters of a task; of the store for an empty name.
    package subscript(_ owner: String) -> EventCounters {
        owners.withLock { owners in
            if let known = owners[owner] { return known }
            let new = EventCounters()
            owners[owner] = new
            return new
        }
    }

    package func remove(_ owner: String) { owners.withLock { _ = $0.removeValue(forKey: owner) } }

    /// What a manifest says, by owner; nothing where that cannot be read: it serves people only.
    package static func read(_ metadata: [String: [UInt8]]) -> [String: [Int]] {
        guard let bytes = metadata[key] else { return [:] }
        let found = unsafe try? bytes.withUnsafeBytesThrowing { raw throws(FormatError) in
            var reader = unsafe ByteReader(raw)
            guard try reader.read(UInt8.self) == 1 else {
                throw FormatError(.unsupported, "counters of another version")
            }
            var result: [String: [Int]] = [:]
            for _ in 0..<(try reader.readCount(limit: 1 << 16, of: "owners of counters")) {
                let name = try reader.readString(limit: 4_096)
                var values: [Int] = []
                for _ in 0..<(try reader.readCount(limit: 1 << 10, of: "counters")) {
                    values.append(try reader.readCount(limit: 1 << 60, of: "events"))
                }
                result[name] = values
            }
            return result
        }
        return found ?? [:]
    }

    /// As the manifest has them: owners in the order of their names, those that have counted nothing left out.
    package var bytes: [UInt8] {
        let all = owners.withLock { $0.mapValues(\.all) }.filter { $0.value.contains { $0 != 0 } }
        var writer = ByteWriter()
        writer.append(UInt8(1))
        writer.append(varint: UInt64(all.count))
        for (name, values) in all.sorted(by: { $0.key < $1.key }) {
            writer.append(string: name)
            writer.append(varint: UInt64(values.count))
            for value in values { writer.append(varint: UInt64(max(0, value))) }
        }
        return writer.bytes
    }

    /// The edit that makes a manifest say it; nil where it does already.
    func edit(after metadata: [String: [UInt8]]) -> ManifestEdit? {
        let bytes = bytes
        guard metadata[Self.key] ?? [1, 0] != bytes else { return nil }
        return .metadataSet(key: Self.key, bytes: bytes)
    }
}
