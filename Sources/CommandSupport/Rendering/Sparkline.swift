/// A series of numbers as a line of blocks: `▁▂▅█▃`.
package enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The last `width` values, the least as the lowest block and the greatest as the highest; blanks for those that are
    /// missing. Values that are all equal are in the middle, but zeros, which lie at the bottom.
    ///
    /// - Parameter floor: What the lowest block stands for; the least of the values where nil.
    package static func text(_ values: [Double?], width: Int, floor: Double? = nil) -> String {
        let shown = values.suffix(max(0, width))
        let known = shown.compactMap { $0 }.filter(\.isFinite)
        guard let greatest = known.max(), let least = known.min() else {
            return String(repeating: " ", count: shown.count)
        }
        let bottom = min(floor ?? least, least)
        return String(
            shown.map { value -> Character in
                guard let value, value.isFinite else { return " " }
                guard greatest > bottom else { return greatest == 0 ? blocks[0] : blocks[3] }
                // Halves, since the difference of two numbers may be none.
                let share = (value / 2 - bottom / 2) / (greatest / 2 - bottom / 2)
                return blocks[min(max(Int(share * 8), 0), 7)]
            })
    }
}
