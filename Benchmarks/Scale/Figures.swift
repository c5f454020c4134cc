import BenchmarkSupport
import CommandSupport
import Drumlin

/// Everything that Scale measures, as text to read and as JSON for the table of the peers.
struct Figures {
    private let events: EventCosts
    private let table: TableCosts

    private static let shares = [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)]

    /// Measures the events of the folder `stream` after each of `counts`, and the table of the folder `table`.
    init(stream: String, table tableFolder: String, counts: [Int], isWatched: Bool) throws {
        // Whole samples are wanted after the last count; labels make up for nearly half of the events.
        let needed = (counts.max() ?? 0) + EventCosts.sampleCount + EventCosts.requestCount
        events = try EventCosts(
            workload: StandardWorkload(folder: stream, limit: needed), folder: stream, counts: counts.sorted(),
            isWatched: isWatched)
        table = try TableCosts(folder: tableFolder)
    }

    /// A table for people.
    var text: String {
        var lines = ["µs a call        events before       p50       p99     p99.9     calls"]
        for sample in events.samples {
            for (name, latencies) in Self.kinds(of: sample) {
                let values = latencies.microseconds(at: Self.shares.map(\.1)).map { Self.pad(Self.short($0), 10) }
                lines.append(
                    name.padded(to: 14) + Self.pad(String(sample.count), 16) + values.joined()
                        + Self.pad(String(latencies.count), 10))
            }
        }
        let nanoseconds = Double(events.total.nanoseconds) / Double(max(1, events.total.count))
        lines.append("")
        lines.append("all \(events.total.count) events between the samples: \(Self.short(nanoseconds)) ns each")
        lines.append(
            "\(table.rowCount) predictions: seal \(Self.short(table.sealMilliseconds)) ms, open "
                + "\(Self.short(table.openMilliseconds)) ms, mean where \(Self.short(table.whereMilliseconds)) ms, three sums "
                + "\(Self.short(table.threeMilliseconds)) ms, look-up \(Self.short(table.lookupMicroseconds)) µs, append "
                + "without triggers \(Self.short(table.appendMicroseconds)) µs")
        lines.append(
            "row of an id \(Self.short(table.findMicroseconds)) µs, of an unknown one "
                + "\(Self.short(table.findUnknownMicroseconds)) µs, of each of many "
                + "\(Self.short(table.findManyMicroseconds)) µs")
        lines.append(
            "the machine: memcpy \(Self.short(table.memcpyGigabytesPerSecond)) GB/s, write and fdatasync of 4 KiB "
                + "\(Self.short(table.fdatasyncMicroseconds)) µs")
        return lines.joined(separator: "\n")
    }

    /// The keys of Benchmarks/README.md.
    var json: String {
        var json = JSONWriter(.indented)
        json.object { json in
            json.member("figures") { json in
                json.object { json in
                    for (position, name) in ["prediction_us", "feedback_us"].enumerated() {
                        json.member(name) { percentiles(&$0, of: position) }
                    }
                    json.member("metrics_us") { json in
                        json.object { json in
                            for sample in events.samples {
                                json.member(String(sample.count), sample.metrics.median ?? .nan)
                            }
                        }
                    }
                    json.member("append_us", table.appendMicroseconds)
                    json.member("lookup_us", table.lookupMicroseconds)
                    json.member("find_us") { json in
                        json.object { json in
                            json.member("known", table.findMicroseconds)
                            json.member("unknown", table.findUnknownMicroseconds)
                            json.member("many", table.findManyMicroseconds)
                        }
                    }
                    json.member("scan_ms") { json in
                        json.object { json in
                            json.member("where", table.whereMilliseconds)
                            json.member("three", table.threeMilliseconds)
                        }
                    }
                    json.member("seal_ms", table.sealMilliseconds)
                    json.member("open_ms", table.openMilliseconds)
                    json.member("memcpy_gb_s", table.memcpyGigabytesPerSecond)
                    json.member("fdatasync_us", table.fdatasyncMicroseconds)
                }
            }
        }
        return json.text + "\n"
    }

    private func percentiles(_ json: inout JSONWriter, of kind: Int) {
        json.object { json in
            for sample in events.samples {
                let values = Self.kinds(of: sample)[kind].latencies.microseconds(at: Self.shares.map(\.1))
                json.member(String(sample.count)) { json in
                    json.object { json in
                        for ((name, _), value) in zip(Self.shares, values) { json.member(name, value) }
                    }
                }
            }
        }
    }

    private static func kinds(of sample: EventCosts.Sample) -> [(name: String, latencies: Latencies)] {
        [("prediction", sample.predictions), ("feedback", sample.feedbacks), ("metrics()", sample.metrics)]
    }

    private static func short(_ value: Double) -> String {
        let scale = value >= 100 ? 1.0 : value >= 10 ? 10.0 : 1000.0
        let rounded = (value * scale).rounded() / scale
        return scale == 1 ? String(Int(rounded)) : String(rounded)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}

extension String {
    /// The text with blanks up to `width` characters.
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
