internal import ColumnFormat
internal import ColumnStore

/// Families of measurements as OpenMetrics text, version 1.0.
struct OpenMetricsText {
    private(set) var text = ""
    /// What every sample has before its own labels, as text.
    private let commonLabels: String

    init(commonLabels: [MeasurementFamily.Label]) {
        self.commonLabels = commonLabels.map(Self.label).joined(separator: ",")
    }

    mutating func append(_ family: MeasurementFamily) {
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        if let unit = family.unit { text += "# UNIT \(family.name) \(unit)\n" }
        text += "# HELP \(family.name) \(Self.escaped(family.help))\n"
        let suffix =
            switch family.kind {
            case .gauge: ""
            case .counter: "_total"
            case .info: "_info"
            }
        for sample in family.samples {
            text += family.name + suffix
            if !commonLabels.isEmpty || !sample.labels.isEmpty {
                text += "{" + commonLabels
                for (place, label) in sample.labels.enumerated() {
                    if place > 0 || !commonLabels.isEmpty { text += "," }
                    text += Self.label(label)
                }
                text += "}"
            }
            text += " " + Self.number(sample.value) + "\n"
        }
    }

    /// Ends the text; nothing may follow.
    mutating func finish() { text += "# EOF\n" }

    // MARK: Parts

    private static func label(_ label: MeasurementFamily.Label) -> String {
        "\(label.name)=\"\(escaped(label.value))\""
    }

    /// A text in which a backslash, a quotation mark and the end of a line are written with a backslash.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count + 8)
        // By scalars: a carriage return and the line's end behind it are one character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { $0.magnitude < 1 << 53 ? String($0) : value.description }
            ?? value.description
    }

    /// Whether a label may have this name.
    static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first), !name.hasPrefix("__") else { return false }
        return name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
        }
    }
}
