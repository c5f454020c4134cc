package import ColumnFormat

/// The clock of a task: the greatest arrival time seen. It never runs back.
///
/// The watermark is the clock less the allowed lateness: events before it are late (they still count).
package struct EventClock: Equatable, Sendable {
    /// Microseconds since the Unix epoch; nil before the first event.
    package private(set) var time: Int64?
    package let allowedLateness: TimeSpan
    package let labelHorizon: TimeSpan

    /// Negative lengths count as zero.
    package init(allowedLateness: TimeSpan = .hours(1), labelHorizon: TimeSpan = .days(30)) {
        self.allowedLateness = max(allowedLateness, 0)
        self.labelHorizon = max(labelHorizon, 0)
    }

    /// Moves the clock to `time` unless it is there already; says whether it moved. It stops short of the end of Int64,
    /// at which "never" lies.
    @discardableResult
    package mutating func advance(to target: Int64) -> Bool {
        let time = min(target, .max - 1)
        if let now = self.time, now >= time { return false }
        self.time = time
        return true
    }

    /// Nil before the first event.
    package var watermark: Int64? { time?.saturatingSubtract(allowedLateness.microseconds) }

    /// The clock at which a window that ends at `end` closes: the watermark then is its end.
    package func closeTime(ofEnd end: Int64) -> Int64 { end.saturatingAdd(allowedLateness.microseconds) }

    /// The clock from which no label is waited for any more.
    package func horizonTime(ofEnd end: Int64) -> Int64 {
        max(closeTime(ofEnd: end), end.saturatingAdd(labelHorizon.microseconds))
    }

    /// The status of a window that ends at `end` and holds `unlabeled` predictions without a label. A window without an
    /// end (cumulative) is open.
    package func status(end: Int64?, unlabeled: Int64) -> WindowStatus {
        guard let end, let time, time >= closeTime(ofEnd: end) else { return .open }
        return unlabeled <= 0 || time >= horizonTime(ofEnd: end) ? .final : .closed
    }
}
