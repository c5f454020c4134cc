extension FieldBuffer {
    /// Text as a field of a CSV file: in quotation marks where it needs them, and where it is empty, because an empty
    /// field without them is null.
    package mutating func append(csv text: UnsafeRawBufferPointer) {
        guard unsafe Self.needsQuotes(text) else {
            unsafe append(raw: text)
            return
        }
        append(byte: 0x22)
        for index in 0..<text.count {
            let byte = unsafe text[index]
            if byte == 0x22 { append(byte: 0x22) }
            append(byte: byte)
        }
        append(byte: 0x22)
    }

    package mutating func append(csv text: String) {
        var copy = text
        copy.withUTF8 { unsafe append(csv: UnsafeRawBufferPointer($0)) }
    }

    private static func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 0 else { return true }
        // A byte order mark at the very beginning would be taken off by readers.
        if unsafe text[0] == 0xEF { return true }
        for index in 0..<text.count {
            let byte = unsafe text[index]
            if byte == 0x2C || byte == 0x22 || byte < 0x20 { return true }
        }
        return false
    }

    /// Text as a JSON string. Bytes that are no UTF-8 become replacement characters, as JSON has no others.
    package mutating func append(json text: UnsafeRawBufferPointer) {
        append(byte: 0x22)
        if unsafe Self.isPlain(text) {
            unsafe append(raw: text)
        } else {
            for scalar in unsafe String(decoding: text, as: UTF8.self).unicodeScalars { append(json: scalar) }
        }
        append(byte: 0x22)
    }

    package mutating func append(json text: String) {
        var copy = text
        copy.withUTF8 { unsafe append(json: UnsafeRawBufferPointer($0)) }
    }

    private static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<text.count {
            let byte = unsafe text[index]
            if byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C { return false }
        }
        return true
    }

    private mutating func append(json scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        // As JSONWriter: legal in JSON, but no terminal and no JavaScript likes them.
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: append(String(Character(scalar)))
        }
    }
}
