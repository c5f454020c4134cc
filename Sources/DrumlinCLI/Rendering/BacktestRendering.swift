import CommandSupport
import Drumlin

/// How near the estimates of a back-test were, as text.
enum BacktestRendering {
    static func table(_ summaries: [BacktestSummary], for terminal: Terminal) -> String {
        let hasSegments = summaries.contains { $0.segment != nil }
        var table = TextTable(
            [.text("metric", canShrink: true)] + (hasSegments ? [.text("segment", canShrink: true)] : []) + [
                .text("window"), .text("method", canShrink: true), .number("windows"),
                .number("mean |error|"), .number("bias"), .number("in 95 % interval"),
            ])
        for summary in summaries {
            func number(_ value: Double?) -> String { value.map { Units.number($0) } ?? "–" }
            table.add(
                [
                    .init(summary.metric, .bold)
                ] + (hasSegments ? [.init(summary.segment ?? "")] : []) + [
                    .init(summary.window), .init(summary.method),
                    .init(Units.count(summary.windowCount)), .init(number(summary.meanDistance), .bold),
                    .init(number(summary.bias)), .init(summary.coverage.map { Units.percent($0) } ?? "–"),
                ])
        }
        return table.rendered(for: terminal)
    }
}
