import Drumlin

/// The questions of storage.py; the names are its keys.
enum Question: String, CaseIterable {
    case sum, mean, min, max
    case sumPacked = "sum_packed"
    case sumMeasured = "sum_measured"
    case hour
    case byHour = "by_hour"
    case above1 = "above_1"
    case above50 = "above_50"

    private static let hourMicroseconds: Int64 = 3_600_000_000

    /// One number that the peers come to as well.
    func answer(from table: Table, plan: Plan, zoneMaps: ZoneMapUse) throws -> Double {
        switch self {
        case .sum: try Self.number(table, .sum(plan.value), nil, zoneMaps)
        case .mean: try Self.number(table, .mean(plan.value), nil, zoneMaps)
        case .min: try Self.number(table, .min(plan.value), nil, zoneMaps)
        case .max: try Self.number(table, .max(plan.value), nil, zoneMaps)
        case .sumPacked: try Self.number(table, .sum(plan.packed), nil, zoneMaps)
        case .sumMeasured: try Self.number(table, .sum(plan.measured), nil, zoneMaps)
        case .hour:
            try Self.number(
                table, .mean(plan.value),
                .and([
                    .greaterOrEqual(plan.time, .timestamp(Timestamp(microseconds: plan.hour))),
                    .less(plan.time, .timestamp(Timestamp(microseconds: plan.hour + Self.hourMicroseconds))),
                ]), zoneMaps)
        case .byHour: try Self.means(table, plan, zoneMaps)
        case .above1: try Self.above(0, table, plan, zoneMaps)
        case .above50: try Self.above(1, table, plan, zoneMaps)
        }
    }

    private static func above(_ place: Int, _ table: Table, _ plan: Plan, _ zoneMaps: ZoneMapUse) throws -> Double {
        let threshold = plan.thresholds[place]
        let schema = try table.schema
        let isNarrow = schema.position(of: plan.value).map { schema.columns[$0].type == .float32 } ?? false
        let limit = isNarrow ? Value.float32(Float(threshold)) : .float64(threshold)
        return try number(table, .sum(plan.result), .greater(plan.value, limit), zoneMaps)
    }

    private static func number(
        _ table: Table, _ aggregate: Aggregate, _ predicate: Predicate?, _ zoneMaps: ZoneMapUse
    ) throws -> Double {
        double(try table.aggregate(aggregate, where: predicate, zoneMaps: zoneMaps)[aggregate])
    }

    /// The means of all hours as one number: Σ mean · (1 + hours since the first).
    private static func means(_ table: Table, _ plan: Plan, _ zoneMaps: ZoneMapUse) throws -> Double {
        let hours = try table.aggregate(
            .mean(plan.value), groupBy: .time(plan.time, every: .hours(1)), zoneMaps: zoneMaps)
        var digest = 0.0
        var first: Int64?
        for row in hours.rows {
            guard case .timestamp(let start) = row.keys[0] else { continue }
            let hour = start.microseconds / hourMicroseconds
            digest += double(row.values[0]) * Double(1 + hour - (first ?? hour))
            first = first ?? hour
        }
        return digest
    }

    private static func double(_ value: Value) -> Double {
        switch value {
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .float32(let value): Double(value)
        case .float64(let value): value
        default: .nan
        }
    }
}
