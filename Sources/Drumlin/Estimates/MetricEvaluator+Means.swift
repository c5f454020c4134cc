/// Metrics that are means of a loss over rows: brier, logLoss, mae, mse, and rmse as the root of a mean.
extension MetricEvaluator {
    /// Sums of a loss over a window.
    private struct LossSums {
        var labeled: Double
        var unlabeled = 0.0
        /// Of `unlabeled`, once its labels are in.
        var variance = 0.0
        /// Of `unlabeled`, the part in supported buckets, and the number of rows that are not.
        var supported = 0.0
        var unsupportedRows = 0.0
    }

    func evaluateMean(_ metric: Metric, _ estimate: inout MetricEstimate) {
        guard let labeledSum = labeledSum(metric) else { return }
        // Rows without probabilities have no log loss.
        let without = metric == .logLoss ? cells[layout.labeledLogLoss + FixedPointSum.cellCount] : 0
        let (labeled, unlabeled) = (Double(labeledCount - without), Double(unlabeledCount))
        let total = labeled + unlabeled
        let isRoot = metric == .rmse || metric == .rmsle
        func finish(_ mean: Double) -> Double? {
            if mean.isNaN { return nil }
            return isRoot ? max(0, mean).squareRoot() : mean
        }
        if labeled > 0 { estimate.labeledValue = finish(labeledSum / labeled) }
        guard !strata.isEmpty, total > 0, let sums = lossSums(metric, labeled: labeledSum) else { return }
        estimate.unlabeledValue = finish(sums.unlabeled / unlabeled)
        let mean = (sums.labeled + sums.unlabeled) / total
        guard let value = finish(mean) else { return }
        estimate.value = value
        guard value.isFinite else { return }
        let error = sums.variance.squareRoot()
        estimate.standardError = isRoot ? (value > 0 ? error / total / (2 * value) : 0) : error / total

        let ends: (low: Double, high: Double)
        if metric == .brier {
            let share = min(max(sums.unlabeled / unlabeled, 0), 1)
            let wilson = Interval.wilson(share: share, smoothed: share, count: unlabeled, variance: sums.variance)
            ends = (wilson.low * unlabeled, wilson.high * unlabeled)
            estimate.boundLow = min(value, (sums.labeled + sums.supported) / total)
            estimate.boundHigh = max(value, (sums.labeled + sums.supported + sums.unsupportedRows) / total)
        } else {
            ends = Interval.logarithmic(sums.unlabeled, standardError: error)
            if sums.unsupportedRows == 0 { (estimate.boundLow, estimate.boundHigh) = (value, value) }
        }
        estimate.ciLow = finish((sums.labeled + ends.low) / total).map { min($0, value) }
        estimate.ciHigh = finish((sums.labeled + ends.high) / total).map { max($0, value) }
    }

    private func labeledSum(_ metric: Metric) -> Double? {
        let base =
            switch metric.form {
            case .brier: layout.labeledBrier
            case .logLoss: layout.labeledLogLoss
            case .mae: layout.labeledAbsoluteErrors
            case .msle, .rmsle: layout.labeledLogErrors
            case .mape: layout.labeledRelativeErrors
            default: layout.labeledSquaredErrors
            }
        guard base >= 0 else { return nil }
        return metric == .brier || metric == .logLoss
            ? FixedPointSum.read(cells, at: base) : ExactSum.read(cells, at: base)
    }

    /// nil where the layout does not keep what the estimate needs.
    private func lossSums(_ metric: Metric, labeled: Double) -> LossSums? {
        var sums = LossSums(labeled: labeled)
        let factors = squaredOverdispersion(metric)
        for stratum in strata {
            guard let (sum, variance) = expectedLoss(metric, stratum) else { return nil }
            sums.unlabeled += sum
            sums.variance += factors[stratum.epoch] * stratum.rows * stratum.inflation * variance
            if stratum.isUnsupported { sums.unsupportedRows += stratum.rows } else { sums.supported += sum }
        }
        return sums
    }

    /// The expected sum of a stratum's losses, and the variance of one.
    private func expectedLoss(_ metric: Metric, _ stratum: Stratum) -> (sum: Double, variance: Double)? {
        func mean(_ moments: RowMoments, own base: Int = -1) -> (Double, Double) {
            (stratum.rows * stratum.mean(moments.mean, of: moments.count, base: base, cells: cells), moments.variance)
        }
        switch metric {
        case .brier:
            let residual = epochs[stratum.epoch].brier[stratum.place]
            let factors = stratum.rows - 2 * stratum.scoreSum
            let own: Double
            if let chances = stratum.chanceSum {
                own = stratum.squaredScoreSum + chances - 2 * stratum.chanceMoment
            } else {
                own = stratum.squaredScoreSum + stratum.positiveShare(residual.positiveShare) * factors
            }
            return (min(max(0, own + stratum.rows * residual.meanResidual), stratum.rows), residual.variance)
        case .logLoss where layout.kind.isBinary:
            let residual = epochs[stratum.epoch].logLoss[stratum.place]
            let factors = stratum.lossIfOne - stratum.lossIfZero
            let own: Double
            if stratum.chanceSum != nil {
                own = stratum.lossIfZero + stratum.chanceLogarithm
            } else {
                own = stratum.lossIfZero + stratum.positiveShare(residual.positiveShare) * factors
            }
            return (max(0, own + stratum.rows * residual.meanResidual), residual.variance)
        case .logLoss:
            // Where no reference row of the place had probabilities, all rows stand in.
            let losses = epochs[stratum.epoch].rowLoss
            let place = losses[stratum.place].count > 0 ? stratum.place : losses.count - 1
            if let chances = stratum.classChances {
                // Each row's own chances and probabilities; the mean of the place for rows that came without.
                let without = max(0, stratum.rows - chances.reduce(0, +)).rounded()
                return (stratum.classLogarithm + without * losses[place].mean, losses[place].variance)
            }
            return losses[place].count > 0 ? mean(losses[place]) : nil
        case .mae:
            return mean(epochs[stratum.epoch].absoluteErrors[stratum.place], own: stratum.ownErrors.absolute)
        case .msle, .rmsle, .mape:
            let epoch = epochs[stratum.epoch]
            let moments = metric == .mape ? epoch.relativeErrors : epoch.logErrors
            // An epoch of before these were kept says nothing.
            guard moments.indices.contains(stratum.place) else { return nil }
            let base = metric == .mape ? stratum.ownErrors.relative : stratum.ownErrors.log
            return mean(moments[stratum.place], own: base)
        default: return mean(epochs[stratum.epoch].squaredErrors[stratum.place], own: stratum.ownErrors.squared)
        }
    }
}
