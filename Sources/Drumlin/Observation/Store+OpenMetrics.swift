public import ColumnStore

extension Store {
    /// ``measurements()`` as OpenMetrics text, for an HTTP server that is there already: answer `GET /metrics` with it, as
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`.
    ///
    ///     router.get("metrics") { _ in try store.openMetrics(labels: ["store": "tips"]) }
    ///
    /// Names begin with `drumlin_`. Cost and errors are those of ``measurements()``; besides it throws `.invalidInput` where a
    /// label cannot have its name.
    ///
    /// - Parameter labels: what every sample gets as well, to tell several stores apart.
    public func openMetrics(labels: [String: String] = [:]) throws(StoreError) -> String {
        let own: Set<String> = [
            "kind", "metric", "part", "rule", "segment", "share", "subject", "table", "task", "version", "window",
        ]
        for name in labels.keys.sorted() where own.contains(name) || !OpenMetricsText.isName(name) {
            throw StoreError(
                .invalidInput, "'\(name)' cannot be the name of a label",
                remedy: own.contains(name)
                    ? "the store's own samples have a label of that name: use another"
                    : "use letters, digits and _, beginning with a letter or one _")
        }
        let common = labels.sorted { $0.key < $1.key }.map { MeasurementFamily.Label($0.key, $0.value) }
        var text = OpenMetricsText(commonLabels: common)
        for family in try measurements() { text.append(family) }
        text.finish()
        return text.text
    }
}
