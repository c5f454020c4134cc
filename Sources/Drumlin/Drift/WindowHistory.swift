/// How much of the past a window is compared with.
enum WindowHistory {
    /// Windows.
    static let limit = 28
    /// Of a gap so many windows are judged before the predictions go on.
    static let gapCount: Int64 = 2
}
