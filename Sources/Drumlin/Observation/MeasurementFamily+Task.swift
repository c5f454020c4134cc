extension MeasurementFamily {
    static let predictions = MeasurementFamily(
        "predictions", .counter, "Predictions that were accepted.")
    static let feedback = MeasurementFamily(
        "feedback", .counter, "Pieces of feedback that were accepted, corrections and withdrawals among them.")
    static let duplicates = MeasurementFamily(
        "duplicate_events", .counter, "Identical events that came again and changed nothing.")
    static let corrections = MeasurementFamily(
        "label_corrections", .counter, "Feedback for a prediction that had some before.")
    static let withdrawals = MeasurementFamily(
        "label_withdrawals", .counter, "Feedback that took a label back.")
    static let expiredLabels = MeasurementFamily(
        "expired_labels", .counter, "Feedback for predictions that a retention had let go.")
    static let latePredictions = MeasurementFamily(
        "late_predictions", .counter, "Predictions that came after the watermark had passed their time.")
    static let refusedEvents = MeasurementFamily(
        "refused_events", .counter, "Events that a limit refused, by kind: prediction or feedback.")
    static let droppedEvents = MeasurementFamily(
        "dropped_events", .counter, "Events that were dropped because memory was full, by kind: prediction or feedback."
    )
    static let pendingFeedback = MeasurementFamily(
        "pending_feedback", "Ids with feedback whose prediction has not come yet.")
    static let unlabeledPredictions = MeasurementFamily(
        "unlabeled_predictions", "Predictions that have no label yet.")
    static let labelCoverage = MeasurementFamily(
        "label_coverage_ratio", unit: "ratio", "The share of all predictions that have a label.")
    static let clock = MeasurementFamily(
        "clock_timestamp_seconds", unit: "seconds", "The task's clock: the latest arrival seen, in Unix time.")
    static let viewBytes = MeasurementFamily(
        "window_state_bytes", unit: "bytes", "Bytes of memory that the state of the windows takes.")
    static let model = MeasurementFamily("model", .info, "The newest version of the model with a reference.")
    static let taskFailing = MeasurementFamily(
        "task_failing", "1 where a part of a task does not do its work: alerts or windows.")

    static let metricValue = MeasurementFamily(
        "metric_value",
        "The value of a metric over the newest closed window: labels where there are some, an estimate for the rest.")
    static let metricLabeledValue = MeasurementFamily(
        "metric_labeled_value", "The same over the predictions with a label alone.")
    static let metricUnlabeledValue = MeasurementFamily(
        "metric_estimated_value", "The estimate over the predictions without a label.")
    static let metricLow = MeasurementFamily(
        "metric_interval_low", "The lower end of the 95 % interval for the value once every label has come.")
    static let metricHigh = MeasurementFamily("metric_interval_high", "The upper end of that interval.")
    static let unsupported = MeasurementFamily(
        "metric_unsupported_ratio", unit: "ratio",
        "The share of unlabeled predictions of which the reference has too few like them.")
    static let metricFailing = MeasurementFamily(
        "metric_failing", "1 where the metric could not be computed: the closure failed.")

    static let windowPredictions = MeasurementFamily(
        "window_predictions", "Predictions of the newest closed window.")
    static let windowLabeled = MeasurementFamily(
        "window_labeled_predictions", "Predictions of the newest closed window that have a label.")
    static let windowCoverage = MeasurementFamily(
        "window_label_coverage_ratio", unit: "ratio",
        "The share of the newest closed window's predictions that have a label.")
    static let windowEnd = MeasurementFamily(
        "window_end_timestamp_seconds", unit: "seconds", "Where the newest closed window ends, in Unix time.")
    static let windowDelay = MeasurementFamily(
        "window_label_delay_seconds", unit: "seconds",
        "The delay of labels that a share of those of the newest closed window did not exceed.")

    static let alertsActive = MeasurementFamily("alerts_active", "Alerts of a rule that are on.")
    static let alertsEntered = MeasurementFamily("alerts_entered", .counter, "Alerts of a rule that were ever entered.")
    static let alertSince = MeasurementFamily(
        "alert_since_timestamp_seconds", unit: "seconds",
        "Of each alert that is on, the start of the window by which it was entered, in Unix time.")
    static let alertValue = MeasurementFamily(
        "alert_value", "Of each alert that is on, what was measured when it was entered.")
}
