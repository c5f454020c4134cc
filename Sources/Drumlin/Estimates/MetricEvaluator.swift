/// Reads metrics from the cells of one window.
///
/// Making one sorts the unlabeled rows into strata, which all metrics share; evaluating a metric made of counts then
/// takes a pass over the strata.
///
///     let evaluator = MetricEvaluator(cells: cells, layout: layout, epochs: statistics)
///     let estimate = evaluator.evaluate(.accuracy)
package struct MetricEvaluator: Sendable {
    let cells: [Int64]
    let layout: CellLayout
    let epochs: [ReferenceStatistics]
    package let labeledCount: Int64
    package let unlabeledCount: Int64
    package let labelDelayP50: Double?
    package let labelDelayP95: Double?
    let strata: [Stratum]
    /// The strata's possible outcomes, one after another.
    let outcomeCounts: [OutcomeCount]
    package let effectiveSampleSize: Double?
    package let unsupportedMass: Double?

    /// The 97.5 % point of the normal distribution.
    static let normalQuantile = 1.959963984540054

    /// - Parameters:
    ///   - cells: the window's state, `layout.cellCount` cells.
    ///   - epochs: the statistics of the layout's epochs, in their order; empty where nothing is to be estimated.
    package init(cells: [Int64], layout: CellLayout, epochs: [ReferenceStatistics]) {
        precondition(cells.count >= layout.cellCount, "\(cells.count) cells of \(layout.cellCount)")
        self.cells = cells
        self.layout = layout
        self.epochs = epochs
        labeledCount = layout.labeledCount(cells)
        unlabeledCount = layout.unlabeledCount(cells)
        let delays = DelayHistogram.quantiles([0.5, 0.95], of: cells, at: layout.labelDelays, count: labeledCount)
        labelDelayP50 = delays[0]
        labelDelayP95 = delays[1]
        var strata = unlabeledCount > 0 ? Stratum.collect(cells: cells, layout: layout, epochs: epochs) : []
        var counts: [OutcomeCount] = []
        for index in strata.indices {
            strata[index].collectOutcomes(from: epochs[strata[index].epoch], into: &counts)
        }
        self.strata = strata
        outcomeCounts = counts
        var (supported, weighted) = (0.0, 0.0)
        for stratum in strata where !stratum.isUnsupported {
            supported += stratum.rows
            weighted += stratum.rows * stratum.rows / stratum.referenceRows
        }
        // n_ref / Σ q²/π with π = n_k/n_ref: the size of the reference cancels, which serves several epochs as well.
        effectiveSampleSize = weighted > 0 ? supported * supported / weighted : nil
        let unlabeled = Double(unlabeledCount)
        unsupportedMass = epochs.isEmpty || unlabeled <= 0 ? nil : min(max((unlabeled - supported) / unlabeled, 0), 1)
    }

    /// The metric of the window; everything nil where it has no rows, or its cells are not in the layout.
    package func evaluate(_ metric: Metric, estimator: Estimator = .bucketStatistics) -> MetricEstimate {
        let isEstimated = unlabeledCount > 0 && !strata.isEmpty
        let estimator =
            estimator.takesIntervals || estimator.isOfConfidence || metric.hasBucketMean ? estimator : .bucketStatistics
        var estimate = MetricEstimate(
            method: isEstimated ? estimator.rawValue : "labels", labeledCount: labeledCount,
            unlabeledCount: unlabeledCount)
        estimate.labelDelayP50 = labelDelayP50
        estimate.labelDelayP95 = labelDelayP95
        estimate.effectiveSampleSize = effectiveSampleSize
        estimate.unsupportedMass = unsupportedMass
        guard metric.isDefined(for: layout.kind) else { return estimate }
        switch metric.form {
        case .brier, .logLoss, .mae, .mse, .rmse, .msle, .rmsle, .mape: evaluateMean(metric, &estimate)
        case .meanError: evaluateMeanError(&estimate)
        case .r2: evaluateDetermination(&estimate)
        case .absoluteErrorQuantile: evaluateErrorQuantile(metric, &estimate)
        case .rocAUC: evaluateAreaUnderCurve(&estimate)
        case .averagePrecision: evaluateAveragePrecision(&estimate)
        case .expectedCalibrationError: evaluateCalibrationError(&estimate)
        default: evaluateCounts(metric, &estimate)
        }
        if !isEstimated {
            estimate.value = estimate.labeledValue
            estimate.unlabeledValue = nil
            // All labels are in: nothing is left to be uncertain about.
            let isComplete = unlabeledCount == 0
            let bound = isComplete ? estimate.value : nil
            (estimate.ciLow, estimate.ciHigh) = (bound, bound)
            (estimate.boundLow, estimate.boundHigh) = (bound, bound)
            estimate.standardError = bound == nil ? nil : 0
        } else if estimator.isOfConfidence {
            replaceWithConfidence(metric, estimator, &estimate)
        } else if !estimator.takesIntervals {
            replaceWithBucketMean(metric, estimator, &estimate)
        }
        return estimate
    }

    /// The metric of one window; make a `MetricEvaluator` where there are several metrics.
    package static func evaluate(
        _ metric: Metric, estimator: Estimator = .bucketStatistics, cells: [Int64], layout: CellLayout,
        epochs: [ReferenceStatistics]
    ) -> MetricEstimate {
        MetricEvaluator(cells: cells, layout: layout, epochs: epochs).evaluate(metric, estimator: estimator)
    }

    /// φ² of each epoch.
    func squaredOverdispersion(_ metric: Metric) -> [Double] {
        epochs.map { $0.overdispersion(of: metric) * $0.overdispersion(of: metric) }
    }
}
