import BenchmarkSupport
import CommandSupport
import Drumlin

/// Look-ups by the key of known and unknown ids.
struct LookupFigures {
    private let row: Double
    private let number: Double
    private let many: Double
    private let unknown: Double
    private let opened: Double

    init(store path: String, table name: String, keys: [String]) throws {
        let store = try Store.openReadOnly(path)
        let table = try store.table(name)
        let strange = keys.map { String($0.dropLast()) + "_" }
        for (known, strange) in zip(keys, strange) {
            let found = (try table.contains(known), try table.contains(strange))
            precondition(found == (true, false), "\(known) is not found, or \(strange) is")
        }
        let count = max(100, keys.count / 100 * 100)
        number = try ProcessorTime.medianMicroseconds(of: count) { _ = try table.lookup(keys[$0 % keys.count]) }
        unknown = try ProcessorTime.medianMicroseconds(of: count) { _ = try table.lookup(strange[$0 % strange.count]) }
        many = try ProcessorTime.medianMilliseconds { _ = try table.lookupMany(keys) } * 1e3 / Double(keys.count)
        row = try ProcessorTime.medianMicroseconds(of: count) { call in
            guard let found = try table.lookup(keys[call % keys.count]) else { return }
            _ = try table.row(found)
        }
        try store.close()
        var step = 0
        opened =
            1e3
            * (try ProcessorTime.medianMilliseconds {
                let store = try Store.openReadOnly(path)
                let table = try store.table(name)
                if let found = try table.lookup(keys[step % keys.count]) { _ = try table.row(found) }
                step += 1
                try store.close()
            })
    }

    func write(to json: inout JSONWriter) {
        json.member("lookup_us", row)
        json.member("lookup_number_us", number)
        json.member("lookup_many_us", many)
        json.member("lookup_unknown_us", unknown)
        json.member("lookup_opened_us", opened)
    }
}
