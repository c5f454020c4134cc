extension ZoneMap {
    /// The zone map of rows that have no value of a column.
    package static func nulls(_ rowCount: Int) -> ZoneMap {
        var zone = ZoneMap(rowCount: rowCount)
        zone.nullCount = rowCount
        return zone
    }

    /// What the zone map says of the same values in a wider type (``ColumnType/widens(to:)``).
    package func widened(to wider: ColumnType) -> ZoneMap {
        var zone = self
        zone.minimum = minimum.flatMap { Self.widen($0, wider, ofZero: -0.0) }
        zone.maximum = maximum.flatMap { Self.widen($0, wider, ofZero: 0.0) }
        // Floats have no sum.
        if wider == .float32 || wider == .float64 { zone.sum = nil }
        return zone
    }

    /// A bound in the wider type; one of zero has the sign that a bound of floats has.
    private static func widen(_ bound: Value, _ wider: ColumnType, ofZero zero: Double) -> Value? {
        switch (bound, wider) {
        case (.int(let value), .float32): .float32(value == 0 ? Float(zero) : Float(value))
        case (.int(let value), .float64): .float64(value == 0 ? zero : Double(value))
        case (.uint(let value), .float32): .float32(value == 0 ? Float(zero) : Float(value))
        case (.uint(let value), .float64): .float64(value == 0 ? zero : Double(value))
        case (.float32(let value), .float64): .float64(Double(value))
        case (.uint(let value), .int16), (.uint(let value), .int32), (.uint(let value), .int64): .int(Int64(value))
        case (.int, _), (.uint, _): bound
        default: nil
        }
    }
}
