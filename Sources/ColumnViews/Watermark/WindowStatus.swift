/// How settled a window's values are.
public enum WindowStatus: String, Sendable, CaseIterable {
    /// On-time events may still come.
    case open
    /// The watermark has passed its end; labels and late events may still come.
    case closed
    /// Closed, and none of its predictions lacks a label or the label horizon has passed.
    case final
}
