package import ColumnFormat
package import ColumnViews

/// A metric of a task with the windows it is kept over.
package struct MetricRegistration: Sendable, Equatable {
    package enum Definition: Sendable, Equatable {
        case builtIn(Metric)
        /// A user's closure, known to the store by its name only.
        case closure
    }

    package let name: String
    package let definition: Definition
    package var windows: [Window]

    package init(name: String, definition: Definition, windows: [Window]) {
        self.name = name
        self.definition = definition
        self.windows = windows
    }

    /// The built-in metric, or nil for a closure.
    package var metric: Metric? { if case .builtIn(let metric) = definition { metric } else { nil } }

    /// The windows that are kept as sums of panes.
    package var timeWindows: [Window] { windows.filter(\.isOfTime) }

    // MARK: Bytes

    package static func bytes(of registrations: [MetricRegistration]) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        writer.append(varint: UInt64(registrations.count))
        for registration in registrations {
            writer.append(string: registration.name)
            writer.append(UInt8(registration.definition == .closure ? 1 : 0))
            writer.append(varint: UInt64(registration.windows.count))
            for window in registration.windows { writer.append(string: window.description) }
        }
        return writer.bytes
    }

    package static func read(_ reader: inout ByteReader) throws(FormatError) -> [MetricRegistration] {
        let version = try reader.read(UInt8.self)
        guard version == 1 else { throw FormatError(.unsupported, "registrations of version \(version)") }
        var result: [MetricRegistration] = []
        for _ in 0..<(try reader.readCount(limit: 10_000, of: "metrics")) {
            let start = reader.offset
            let name = try reader.readString(limit: 1_024)
            let isClosure = try reader.read(UInt8.self) == 1
            var windows: [Window] = []
            for _ in 0..<(try reader.readCount(limit: 10_000, of: "windows")) {
                let text = try reader.readString(limit: 256)
                guard let window = Window(text) else {
                    throw FormatError(.unsupported, "the window '\(text)' is not known", at: start)
                }
                windows.append(window)
            }
            if isClosure {
                result.append(MetricRegistration(name: name, definition: .closure, windows: windows))
            } else if let metric = Metric(name) {
                result.append(MetricRegistration(name: name, definition: .builtIn(metric), windows: windows))
            } else {
                throw FormatError(.unsupported, "the metric '\(name)' is not known", at: start)
            }
        }
        return result
    }
}
