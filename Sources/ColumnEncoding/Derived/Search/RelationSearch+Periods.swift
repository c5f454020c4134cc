import ColumnFormat

extension RelationSearch {
    /// Seconds, minutes, hours and days of a time, as such or within the next larger unit.
    private static let spans: [(seconds: Int64, moduli: [Int64])] = [
        (1, [60, 3_600, 86_400, 0]), (60, [60, 1_440, 0]), (3_600, [24, 12, 168, 0]), (86_400, [7, 0]),
    ]

    mutating func findPeriods(_ targets: [ColumnSample]) {
        for source in columns where source.shape.kind != .float && source.shape.byteWidth >= 4 && !source.isConstant {
            guard let times = source.digits, let lowest = times.min(), let highest = times.max() else { continue }
            let range = UInt64(bitPattern: highest &- lowest)
            // Integers may count seconds, or thousandths and finer.
            let ticks: [Int64] = source.type == .timestamp ? [1_000_000] : [1, 1_000, 1_000_000, 1_000_000_000]
            for target in targets where target.position != source.position && target.shape.kind != .bit {
                guard let values = target.digits, target.exponent == 0 else { continue }
                for perSecond in ticks {
                    // A unit that all rows lie in explains nothing.
                    for (seconds, moduli) in Self.spans
                    where seconds * perSecond > 1 && UInt64(seconds * perSecond) <= range {
                        for modulus in moduli {
                            findPeriod(target, values, source, times, unit: seconds * perSecond, modulus: modulus)
                        }
                    }
                }
            }
        }
    }

    private mutating func findPeriod(
        _ target: ColumnSample, _ values: [Int64], _ source: ColumnSample, _ times: [Int64], unit: Int64,
        modulus: Int64
    ) {
        guard let row = probes.first(where: { !target.slice.isNull($0) }) else { return }
        // A period may be counted from 0 or from 1, and begin anywhere: the first row says where.
        for base in (modulus == 0 ? [0] : [0, 1]) as [Int64] {
            let quotient = times[row].flooredQuotient(by: unit)
            let wanted = values[row] &- base
            var period = Relation.Period(unit: unit, modulus: modulus, base: base)
            if modulus == 0 {
                period.base = wanted &- quotient
            } else {
                guard wanted >= 0, wanted < modulus else { continue }
                var shift = (wanted &- quotient) % modulus
                if shift < 0 { shift += modulus }
                period.offset = shift * unit
            }
            let isLikely = probe(target) { probed in
                PeriodKernel.value(of: times[probed], in: period) == values[probed]
            }
            guard isLikely else { continue }
            return propose(Relation(sources: [source.position], form: .period(period)), for: target)
        }
    }
}
