/// A share as a bar of blocks, in eighths of a character: `██▍`.
package enum ShareBar {
    private static let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    /// A bar as long as `share` of `width` characters. Any share above zero shows at least its thinnest part; shares
    /// above one fill the bar, others that are no shares leave it empty.
    package static func text(_ share: Double, width: Int) -> String {
        guard share > 0, width > 0 else { return "" }
        let eighths = max(1, Int((min(share, 1) * Double(width) * 8).rounded()))
        let bar = String(repeating: parts[7], count: eighths / 8)
        return eighths % 8 == 0 ? bar : bar + String(parts[eighths % 8 - 1])
    }
}
