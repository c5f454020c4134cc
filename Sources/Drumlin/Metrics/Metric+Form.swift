extension Metric {
    /// A metric but for its arguments. The numbers are stored and never used again for another.
    enum Form: UInt8, CaseIterable, Sendable {
        case accuracy = 0, precision, recall, f1, logLoss, brier, rocAUC, f1Macro, mae, mse, rmse
        case specificity = 11, fBeta, balancedAccuracy, mcc, cohenKappa, averagePrecision
        case confusion = 17, businessValue
        case precisionMacro = 19, recallMacro, precisionMicro, recallMicro, f1Micro
        case precisionWeighted = 24, recallWeighted, f1Weighted, precisionOfClass, recallOfClass, f1OfClass
        case msle = 30, rmsle, mape, meanError, r2, absoluteErrorQuantile
        case expectedCalibrationError = 36

        /// What stands before the colon.
        var name: String {
            switch self {
            case .f1Macro: "f1_macro"
            case .fBeta: "fbeta"
            case .businessValue: "business_value"
            case .precisionMacro: "precision_macro"
            case .recallMacro: "recall_macro"
            case .precisionMicro: "precision_micro"
            case .recallMicro: "recall_micro"
            case .f1Micro: "f1_micro"
            case .precisionWeighted: "precision_weighted"
            case .recallWeighted: "recall_weighted"
            case .f1Weighted: "f1_weighted"
            case .precisionOfClass: "precision"
            case .recallOfClass: "recall"
            case .f1OfClass: "f1"
            case .absoluteErrorQuantile: "abs_error_quantile"
            default: "\(self)"
            }
        }

        /// How the arguments are written; nil where there are none.
        var argumentForm: String? {
            switch self {
            case .fBeta: "BETA"
            case .businessValue: "TP,FP,FN,TN"
            case .confusion: "actual=A,predicted=B"
            case .precisionOfClass, .recallOfClass, .f1OfClass: "class=A"
            case .absoluteErrorQuantile: "SHARE"
            default: nil
            }
        }

        var isBinary: Bool {
            switch self {
            case .accuracy, .precision, .recall, .f1, .logLoss, .brier, .rocAUC, .specificity, .fBeta,
                .balancedAccuracy, .mcc, .cohenKappa, .averagePrecision, .confusion, .businessValue,
                .expectedCalibrationError:
                true
            default: false
            }
        }

        var isMulticlass: Bool {
            switch self {
            case .accuracy, .logLoss, .f1Macro, .balancedAccuracy, .mcc, .cohenKappa, .confusion, .precisionMacro,
                .recallMacro, .precisionMicro, .recallMicro, .f1Micro, .precisionWeighted, .recallWeighted, .f1Weighted,
                .precisionOfClass, .recallOfClass, .f1OfClass:
                true
            default: false
            }
        }

        var isRegression: Bool { !isBinary && !isMulticlass }

        /// Whether it is a function of the confusion counts.
        var isOfCounts: Bool {
            switch self {
            case .logLoss, .brier, .rocAUC, .averagePrecision, .expectedCalibrationError: false
            default: !isRegression
            }
        }

        /// Whether it is a function of score histograms.
        var isOfScores: Bool { self == .rocAUC || self == .averagePrecision }
    }
}
