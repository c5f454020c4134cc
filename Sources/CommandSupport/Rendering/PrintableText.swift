/// Text from data that is about to be shown: a terminal must not obey what a file says.
package enum PrintableText {
    /// `text` with control characters, line ends, bidirectional overrides and other invisible formatting replaced by
    /// escapes such as `\n` or `\u{1B}`. Text without any is returned as it is.
    package static func escaping(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: needsEscape) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count + 16)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where needsEscape(scalar): result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same for text of several lines, whose ends stay.
    package static func escapingLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { escaping(String($0)) }.joined(
            separator: "\n")
    }

    private static func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        // Marks, overrides and isolates of text direction; line and paragraph separators; the byte order mark.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        // What cannot be seen, so that two names look alike, and what hides text from people; joiners make emoji.
        case 0x00AD, 0x180E, 0x200B, 0x2060...0x2065, 0x206A...0x206F, 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// At most `count` characters of `text`, escaped, with an ellipsis where something was cut: a value in a message.
    package static func excerpt(_ text: String, count: Int = 60) -> String {
        let escaped = escaping(text)
        guard escaped.count > count else { return escaped }
        return escaped.prefix(max(count - 1, 0)) + "…"
    }
}
