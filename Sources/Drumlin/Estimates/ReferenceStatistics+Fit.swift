#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ReferenceStatistics {
    /// Fits the statistics of all metrics that tasks of the kind have, and the back-test's φ of each.
    ///
    /// Rows without a usable label are passed over. The back-test takes the rows as five contiguous blocks.
    /// - Complexity: O(n log n); six passes over the rows.
    package init(fitting reference: ReferenceColumns, buckets: FittedBuckets) {
        let rows = (0..<reference.rowCount).filter { reference.hasLabel($0) }
        let (bins, groups) = ScoreCalibration.bins(of: reference)
        let fit = Fit(
            reference: reference, assigned: buckets.assign(reference), buckets: buckets, bins: bins, groups: groups)
        self = fit.statistics(of: rows, includesOwnAUC: true)
        overdispersion = ReferenceBackTest(fit: fit, rows: rows).overdispersion()
    }

    /// What fits statistics on subsets of one reference.
    struct Fit {
        let reference: ReferenceColumns
        /// The bucket of each row, and the place of the statistics that it counts in.
        let assigned: [Int]
        let places: [Int]
        let buckets: FittedBuckets
        let bins: ScoreBins
        let groups: ScoreBins
        /// Binary: −ln s and −ln(1 − s) of each row.
        private let lossIfOne: [Double]
        private let lossIfZero: [Double]

        init(
            reference: ReferenceColumns, assigned: [Int], buckets: FittedBuckets, bins: ScoreBins, groups: ScoreBins
        ) {
            self.reference = reference
            self.assigned = assigned
            places = buckets.places(of: assigned, reference)
            self.buckets = buckets
            self.bins = bins
            self.groups = groups
            let isBinary = reference.kind.isBinary
            lossIfOne = isBinary ? reference.scores.map { CellLayout.loss($0, label: 1) } : []
            lossIfZero = isBinary ? reference.scores.map { CellLayout.loss($0, label: 0) } : []
        }

        /// The statistics of some rows, all of which have labels; φ is 1.
        ///
        /// - Parameter includesOwnAUC: what only `Estimator.bucketMean` needs, at the cost of a sort.
        func statistics(of rows: [Int], includesOwnAUC: Bool = false) -> ReferenceStatistics {
            let kind = reference.kind
            let classes = kind.classCount
            let stride = buckets.fixesClass ? classes : classes * classes
            var counts = [Int64](repeating: 0, count: buckets.placeCount)
            var outcomes = [Int64](repeating: 0, count: kind.isRegression ? 0 : buckets.placeCount * stride)
            var classOutcomes = [Int64](repeating: 0, count: kind.isRegression ? 0 : classes * classes)
            for row in rows {
                counts[places[row]] += 1
                guard !kind.isRegression else { continue }
                let (actual, predicted) = (Int(reference.labels[row]), reference.classes[row])
                let outcome = actual * classes + predicted
                classOutcomes[outcome] += 1
                outcomes[places[row] * stride + (buckets.fixesClass ? actual : outcome)] += 1
            }
            let rowsOfPlaces = rowsByPlace(rows)
            let calibration =
                kind.isBinary
                ? ScoreCalibration(bins: bins, groupEdges: groups, reference: reference, rows: rows) : nil
            let hasRowLoss = !kind.isBinary && !kind.isRegression
            var result = ReferenceStatistics(
                kind: kind, fixesClass: buckets.fixesClass, rowCount: rows.count, bucketCounts: counts,
                outcomes: outcomes, classOutcomes: classOutcomes,
                brier: kind.isBinary ? rowsOfPlaces.map(brier) : [],
                logLoss: kind.isBinary ? rowsOfPlaces.map(logLoss) : [],
                rowLoss: hasRowLoss ? rowsOfPlaces.map(rowLoss) : [],
                absoluteErrors: kind.isRegression ? rowsOfPlaces.map { errors($0) { $0.magnitude } } : [],
                squaredErrors: kind.isRegression ? rowsOfPlaces.map { errors($0) { $0 * $0 } } : [],
                ownAUC: kind.isBinary ? rowsOfPlaces.map { includesOwnAUC ? areaUnderCurve($0) : .nan } : [],
                calibration: calibration,
                overdispersion: [Double](repeating: 1, count: Metric.Form.allCases.count))
            if let confidence = buckets.confidence {
                result.confidences = rowsOfPlaces.prefix(buckets.placeCount).map { rows in
                    RowMoments(
                        rows.map {
                            confidence.confidence(score: reference.scores[$0], predictedClass: reference.classes[$0])
                        }.filter(\.isFinite))
                }
            }
            guard kind.isRegression else { return result }
            result.logErrors = rowsOfPlaces.map { losses($0, CellLayout.logError) }
            result.relativeErrors = rowsOfPlaces.map { losses($0, CellLayout.relativeError) }
            result.signedErrors = rowsOfPlaces.map { rows in
                ErrorMoments(
                    errors: rows.map { reference.labels[$0] - reference.scores[$0] },
                    values: rows.map { reference.scores[$0] })
            }
            result.errorHistograms = rowsOfPlaces.map { rows in
                SparseHistogram(rows.map { (reference.labels[$0] - reference.scores[$0]).magnitude })
            }
            return result
        }

        private func losses(_ rows: [Int], _ loss: (_ label: Double, _ value: Double) -> Double) -> RowMoments {
            RowMoments(rows.map { loss(reference.labels[$0], reference.scores[$0]) }.filter { !$0.isNaN })
        }

        /// The rows of each bucket, then of each predicted class, then all.
        private func rowsByPlace(_ rows: [Int]) -> [[Int]] {
            let classes = reference.kind.classCount
            let count = buckets.placeCount
            var result = [[Int]](repeating: [], count: count + classes + 1)
            for row in rows {
                result[places[row]].append(row)
                result[count + min(max(reference.classes[row], 0), classes - 1)].append(row)
            }
            result[count + classes] = rows
            return result
        }

        private func brier(_ rows: [Int]) -> ScoreResidual {
            residual(rows) { row, isPositive in
                let score = reference.scores[row]
                let distance = score - (isPositive ? 1 : 0)
                return (1 - 2 * score, distance * distance)
            }
        }

        private func logLoss(_ rows: [Int]) -> ScoreResidual {
            residual(rows) { row, isPositive in
                (lossIfOne[row] - lossIfZero[row], isPositive ? lossIfOne[row] : lossIfZero[row])
            }
        }

        private func residual(
            _ rows: [Int], _ loss: (_ row: Int, _ isPositive: Bool) -> (factor: Double, loss: Double)
        ) -> ScoreResidual {
            let factors = rows.map { loss($0, reference.labels[$0] == 1) }
            return ScoreResidual(
                rows.indices.map { place in
                    (factors[place].factor, factors[place].loss, reference.labels[rows[place]] == 1)
                }, chances: buckets.chances.map { chances in rows.map { chances[assigned[$0]] } })
        }

        private func rowLoss(_ rows: [Int]) -> RowMoments {
            let probabilities = rows.map { reference.labelProbability($0) }.filter { !$0.isNaN }
            return RowMoments(probabilities.map { CellLayout.loss($0, label: 1) })
        }

        private func errors(_ rows: [Int], _ statistic: (Double) -> Double) -> RowMoments {
            RowMoments(rows.map { statistic(reference.labels[$0] - reference.scores[$0]) })
        }

        /// The exact AUC of some rows, by ranks with ties half; NaN without both labels.
        private func areaUnderCurve(_ rows: [Int]) -> Double {
            let sorted = rows.sorted { reference.scores[$0] < reference.scores[$1] }
            var (wins, positives, negatives, index) = (0.0, 0.0, 0.0, 0)
            while index < sorted.count {
                let score = reference.scores[sorted[index]]
                var (tiedPositives, tiedNegatives) = (0.0, 0.0)
                while index < sorted.count, reference.scores[sorted[index]] == score {
                    if reference.labels[sorted[index]] == 1 { tiedPositives += 1 } else { tiedNegatives += 1 }
                    index += 1
                }
                wins += tiedPositives * (negatives + tiedNegatives / 2)
                positives += tiedPositives
                negatives += tiedNegatives
            }
            return positives > 0 && negatives > 0 ? wins / (positives * negatives) : .nan
        }
    }
}
