public import ColumnFormat
public import ColumnViews

/// What a report is about: by default all there is.
public struct ReportOptions: Sendable {
    /// Only these tasks; nil for all.
    public var tasks: [String]?
    /// The tumbling windows by which columns and buckets are compared with the reference. Nil takes those of the rules that
    /// watch columns, else minutes, hours, days, weeks or months, so that there are not too many. Of more than
    /// ``windowLimit`` the newest are shown.
    public var window: Window?
    /// Only windows that start at this time or later.
    public var from: Timestamp?
    /// Only windows that start before this time.
    public var to: Timestamp?

    /// Everything.
    public init() {}

    /// By how many windows columns are compared with the reference at most.
    public static let windowLimit = 400
    /// How many columns of a task are shown at most.
    static let columnLimit = 200
    /// How many windows of all metrics together are shown at most: what a browser draws at once, and what fits a small file.
    static let pointLimit = 24_000
}
