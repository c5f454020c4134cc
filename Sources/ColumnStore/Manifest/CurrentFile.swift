import ColumnFormat

/// What the file `CURRENT` says: which manifest is live and, behind a store that was closed, how long that was.
///
/// The length is what a manifest cannot tell of itself: cut where a commit ends, it looks like an earlier one. As manifests
/// only grow, it holds while the store is written on.
struct CurrentFile: Equatable {
    static let byteLimit = 128

    let number: UInt64
    /// How many bytes of the manifest were durable; 0 where nobody has said.
    let durableByteCount: Int

    init(number: UInt64, durableByteCount: Int = 0) {
        self.number = number
        self.durableByteCount = durableByteCount
    }

    /// Nil for bytes that are not such a file.
    init?(reading bytes: [UInt8]) {
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        let lines = String(decoding: bytes.dropLast(), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard (1...2).contains(lines.count),
            let number = LogFile.number(of: String(lines[0]), prefix: Manifest.prefix)
        else { return nil }
        var byteCount = 0
        if lines.count == 2 {
            guard
                let count = lines[1].split(separator: " ", omittingEmptySubsequences: false).first.flatMap({ Int($0) }),
                count > 0
            else { return nil }
            byteCount = count
        }
        self.init(number: number, durableByteCount: byteCount)
        // Of one form only, and with the checksum that belongs to it.
        guard self.bytes == bytes else { return nil }
    }

    var bytes: [UInt8] {
        var text = Manifest.prefix + LogFile.padded(number) + "\n"
        if durableByteCount > 0 {
            text += String(durableByteCount)
            let checksum = String(Checksum.of(Array(text.utf8)), radix: 16)
            text += " " + String(repeating: "0", count: 16 - checksum.count) + checksum + "\n"
        }
        return Array(text.utf8)
    }
}
