/// One quantity that a store tells of itself or of a model, with a sample for each thing that it is told of: see
/// ``ColumnStore/Store/measurements()``.
public struct MeasurementFamily: Sendable, Hashable {
    /// How a quantity behaves.
    public enum Kind: String, Sendable, CaseIterable {
        /// A value that goes up and down.
        case gauge
        /// A count that only grows; it may begin again at 0 with the process or after a crash.
        case counter
        /// Facts in labels, with the value 1.
        case info
    }

    /// What a sample is of.
    public struct Label: Sendable, Hashable {
        /// Letters, digits and `_`.
        public let name: String
        /// Any text.
        public let value: String

        /// A label with its value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// One number.
    public struct Sample: Sendable, Hashable {
        /// In a fixed order; each name once.
        public let labels: [Label]
        /// In the unit of the family; may be NaN or infinite.
        public let value: Double
    }

    /// `drumlin_…`, ending in the unit where there is one; for counters without `_total`.
    public let name: String
    /// See ``Kind-swift.enum``.
    public let kind: Kind
    /// `bytes`, `seconds` or `ratio`; nil for counts, and for values of metrics.
    public let unit: String?
    /// What it says, in a sentence.
    public let help: String
    /// At least one; no two have the same labels.
    public internal(set) var samples: [Sample] = []

    init(_ name: String, unit: String? = nil, _ help: String) { self.init(name, .gauge, unit: unit, help) }

    init(_ name: String, _ kind: Kind, unit: String? = nil, _ help: String) {
        self.name = "drumlin_" + name
        self.kind = kind
        self.unit = unit
        self.help = help
    }
}
