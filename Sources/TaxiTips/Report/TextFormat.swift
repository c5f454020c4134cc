import Foundation

/// Breaks a paragraph into lines of at most `width` characters, but never before a percent sign.
func wrapped(_ paragraph: String, width: Int = 100) -> String {
    var lines = [""]
    for word in paragraph.replacingOccurrences(of: " %", with: "\u{A0}%").split(separator: " ") {
        let line = lines[lines.count - 1]
        if line.isEmpty {
            lines[lines.count - 1] = String(word)
        } else if line.count + 1 + word.count <= width {
            lines[lines.count - 1] += " " + word
        } else {
            lines.append(String(word))
        }
    }
    return lines.joined(separator: "\n").replacingOccurrences(of: "\u{A0}", with: " ")
}
