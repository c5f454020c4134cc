/// The rows that stand for a page where looking at all of them costs too much: 16 runs of 64, spread evenly, always the
/// same ones, so that the bytes of a page are a function of its rows.
enum Sample {
    static let rowCount = 1_024
    private static let runCount = 16
    private static let runLength = 64

    static func runs(of count: Int) -> [Range<Int>] {
        if count <= rowCount { return [0..<count] }
        return (0..<runCount).map { run in
            let start = run * (count - runLength) / (runCount - 1)
            return start..<start + runLength
        }
    }
}
