import Foundation

/// Gradient-boosted decision trees for a yes-or-no question, after LightGBM and XGBoost: histograms of gradients over
/// binned features, and a learned side for missing values (NaN) at every split.
///
/// The same rows and options give the same model, bit for bit. Training costs
/// O(trees × depth × rows × features); 75,000 rows of 12 features take about two seconds on one core.
package struct BoostedTrees {
    package struct Options {
        package var treeCount = 120
        package var depth = 6
        package var learningRate = 0.1
        /// The weight of the prior that pulls a leaf toward zero.
        package var regularization = 1.0
        /// A leaf holds at least this much curvature Σ p(1 − p): about 40 rows where p is one half.
        package var minimumCurvature = 10.0
    }

    /// A full binary tree in an array: the children of node i are 2i + 1 and 2i + 2.
    package struct Tree {
        package struct Split {
            /// -1: no split worth making; every row goes left.
            package var feature = -1
            /// Rows with a value up to this go left.
            package var threshold = 0.0
            package var sendsMissingLeft = true

            @inline(__always)
            package func sendsLeft(_ value: Double) -> Bool { value.isNaN ? sendsMissingLeft : value <= threshold }
        }

        package var splits: [Split]
        package var leaves: [Double]

        package func value(of row: [Double]) -> Double {
            var node = 0
            while node < splits.count {
                let split = splits[node]
                let goesLeft = split.feature < 0 || split.sendsLeft(row[split.feature])
                node = 2 * node + (goesLeft ? 1 : 2)
            }
            return leaves[node - splits.count]
        }
    }

    /// The log-odds of the training rows, before any tree.
    package let base: Double
    package let trees: [Tree]

    /// The probability that the answer is yes, in (0, 1).
    package func probability(of row: [Double]) -> Double {
        1 / (1 + exp(-trees.reduce(base) { $0 + $1.value(of: row) }))
    }

    /// Trains on rows of equal length, one label each.
    package static func train(rows: [[Double]], labels: [Bool], options: Options = Options()) -> BoostedTrees {
        precondition(!rows.isEmpty && rows.count == labels.count, "\(rows.count) rows with \(labels.count) labels")
        let bins = FeatureBins(rows: rows)
        let codes = bins.codes(of: rows)
        // One row of each answer is added so that a training set with a single answer has finite log-odds.
        let share = (Double(labels.count { $0 }) + 1) / (Double(labels.count) + 2)
        let base = log(share / (1 - share))

        var logOdds = [Double](repeating: base, count: rows.count)
        var gradients = [SIMD2<Double>](repeating: .zero, count: rows.count)
        var trees: [Tree] = []
        for _ in 0..<options.treeCount {
            for i in rows.indices {
                let probability = 1 / (1 + exp(-logOdds[i]))
                gradients[i] = SIMD2(probability - (labels[i] ? 1 : 0), probability * (1 - probability))
            }
            var grower = TreeGrower(bins: bins, codes: codes, gradients: gradients, options: options)
            trees.append(grower.grow())
            for i in rows.indices { logOdds[i] += trees[trees.count - 1].leaves[grower.leafOfRow[i]] }
        }
        return BoostedTrees(base: base, trees: trees)
    }
}

extension BoostedTrees {
    /// The area under the ROC curve: the chance that a row with the answer yes gets a higher score than one with no,
    /// ties counting half. NaN unless there are both.
    package static func areaUnderROC(scores: [Double], labels: [Bool]) -> Double {
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var positives = 0.0
        var negatives = 0.0
        var area = 0.0
        var i = 0
        while i < order.count {
            var tied = (positives: 0.0, negatives: 0.0)
            let score = scores[order[i]]
            while i < order.count, scores[order[i]] == score {
                if labels[order[i]] { tied.positives += 1 } else { tied.negatives += 1 }
                i += 1
            }
            area += tied.positives * (negatives + tied.negatives / 2)
            positives += tied.positives
            negatives += tied.negatives
        }
        return area / (positives * negatives)
    }
}
