import Foundation
import Testing

@testable import Drumlin

/// What the standard rules make of weeks in which nothing is wrong, and of one in which something is.
struct QuietWeeksTests {
    /// Twelve features of a task, by the day, whose level wanders from hour to hour.
    private struct Traffic {
        var random: SeededGenerator
        /// Of the level of each hour, in standard deviations of the rows.
        let wander: Double
        let rowsPerHour: Int
        private let columns: [SummarizedColumn]

        init(seed: UInt64, wander: Double, rowsPerHour: Int) {
            random = SeededGenerator(seed: seed)
            self.wander = wander
            self.rowsPerHour = rowsPerHour
            columns = QuietWeeksTests.columns
        }

        private mutating func normal() -> Double {
            let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
            return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        }

        /// Twelve shapes: bells, skewed, of whole numbers, with a value that recurs, categories, with nulls.
        private mutating func value(_ column: Int, _ level: Double) -> Double {
            let z = normal() + level
            switch column % 6 {
            case 0: return z
            case 1: return exp(z / 2)
            case 2: return (6 + 2 * z).rounded()
            case 3: return z < 0.25 ? 0 : (z * 100).rounded() / 100
            case 4: return z > 0.5 ? 1 : 0
            default: return (1_000 + 10 * z).rounded(.down)
            }
        }

        mutating func day(shift: Double = 0) -> [String: ColumnSummary] {
            let builders = columns.map { ColumnSummaryBuilder($0.form) }
            for _ in 0..<24 {
                // Traffic is no constant either.
                let count = Int(Double(rowsPerHour) * exp(0.1 * normal()))
                for (place, builder) in builders.enumerated() {
                    let level = wander * normal() + (place == 0 ? shift : 0)
                    for _ in 0..<count { builder.addRow(value(place, level)) }
                }
            }
            var result: [String: ColumnSummary] = [:]
            for (column, builder) in zip(columns, builders) { result[column.name] = builder.result }
            return result
        }
    }

    private static let columns = (0..<12).map {
        SummarizedColumn(name: "f\($0)", stored: "f\($0)", form: .number, kind: .feature)
    }

    /// Days with a reference from the days before them.
    private struct Life {
        var monitor = WindowMonitor(window: .tumbling(.days(1)), rules: AlertRule.standard, columns: columns)
        var traffic: Traffic
        let reference: ReferenceSummary?
        private var ordinal: Int64 = 0

        init(_ traffic: Traffic, referenceDays: Int) {
            self.traffic = traffic
            guard referenceDays > 0 else {
                reference = nil
                return
            }
            var blocks: [String: [ColumnSummary]] = [:]
            for _ in 0..<referenceDays {
                for (name, summary) in self.traffic.day() { blocks[name, default: []].append(summary) }
            }
            reference = ReferenceSummary(modelVersion: "1", blocks: blocks)
        }

        mutating func live(_ days: Int, shift: Double = 0) -> [WindowMonitor.Event] {
            var events: [WindowMonitor.Event] = []
            for _ in 0..<days {
                let summaries = traffic.day(shift: shift)
                let count = summaries["f0"]?.rowCount ?? 0
                let record = WindowRecord(ordinal: ordinal, rowCount: count, columns: summaries)
                events += monitor.judge(record, columns, isLate: false, reference: reference)
                ordinal += 1
            }
            return events
        }
    }

    /// How many weeks are lived; `DRUMLIN_QUIET_WEEKS=1000` for all.
    private static var weekCount: Int {
        ProcessInfo.processInfo.environment["DRUMLIN_QUIET_WEEKS"].flatMap(Int.init) ?? 1
    }

    @Test(arguments: weekCount > 1 ? [0.0, 0.1, 0.3] : [0.3], [true, false])
    func quietWeeksAreQuiet(wander: Double, hasReference: Bool) {
        var loud = 0
        var kinds: [String: Int] = [:]
        for week in 0..<Self.weekCount {
            let traffic = Traffic(
                seed: UInt64(week) &* 7_919 &+ 11, wander: wander, rowsPerHour: Self.weekCount > 1 ? 20 : 8)
            var life = Life(traffic, referenceDays: hasReference ? 14 : 0)
            // Two weeks to learn what is usual, in which nothing is wrong either.
            let events = life.live(14) + life.live(7)
            for event in events { kinds[event.key.kind, default: 0] += 1 }
            loud += events.isEmpty ? 0 : 1
        }
        print("wander \(wander), reference \(hasReference): \(loud) of \(Self.weekCount) weeks", kinds)
        #expect(Double(loud) <= max(1, 0.05 * Double(Self.weekCount)), "\(kinds)")
    }

    @Test(arguments: weekCount > 1 ? [0.0, 0.1, 0.3] : [0.1], [true, false])
    func aShiftOfHalfADeviationIsFoundInItsFirstDay(wander: Double, hasReference: Bool) {
        var found = 0
        let count = min(Self.weekCount, 200)
        for week in 0..<count {
            let traffic = Traffic(
                seed: UInt64(week) &* 104_729 &+ 3, wander: wander, rowsPerHour: Self.weekCount > 1 ? 50 : 16)
            var life = Life(traffic, referenceDays: hasReference ? 14 : 0)
            _ = life.live(14)
            let events = life.live(1, shift: 0.5)
            found += events.contains { $0.change == .entered && $0.key.subject == "f0" } ? 1 : 0
        }
        print("wander \(wander), reference \(hasReference): found \(found) of \(count)")
        // A level that wanders by 0.3 from hour to hour hides a part of the shift on some days.
        #expect(Double(found) >= (wander > 0.2 ? 0.85 : 0.99) * Double(count))
    }
}
