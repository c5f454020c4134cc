/// A test on the stream of a task's losses.
public enum LossTest: String, Sendable, CaseIterable, Hashable {
    /// ``AdaptiveWindow``: the mean changes, upwards or downwards.
    case adaptiveWindow = "adwin"
    /// ``PageHinkley``: the mean rises.
    case pageHinkley = "page_hinkley"
}
