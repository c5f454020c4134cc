internal import ColumnFormat

/// Whether an alert is on, and what it takes to change that.
struct Incident: Sendable, Equatable {
    enum Change: Equatable, Sendable {
        case entered
        case left
        /// It lasts so long that it is how things are now.
        case accepted
    }

    /// How many there were, this one included.
    private(set) var number = 0
    /// The first window of the alert that is on.
    private(set) var openedAt: Int64?
    /// Windows running that were bad, or, in an alert, well again.
    private(set) var streak = 0
    /// The window after which it was left last.
    private(set) var leftAt: Int64?
    /// Windows that later ones are not to be compared with.
    private(set) var exclusions: [ClosedRange<Int64>] = []
    /// Windows before are not to be compared with either.
    private(set) var baselineStart = Int64.min
    /// The last window that was judged.
    private(set) var lastOrdinal = Int64.min

    /// Bad windows running that make an alert, and good ones that end it.
    private static let required = 2
    /// Windows after which what is compared with windows before is no news any more, and how many of them are then usual.
    static let acceptanceCount: Int64 = 14
    static let baselineCount: Int64 = 8

    /// Whether later windows may be compared with this one.
    func isUsual(_ ordinal: Int64) -> Bool {
        if ordinal < baselineStart { return false }
        if let openedAt, ordinal >= openedAt { return false }
        if openedAt == nil, streak > 0, ordinal > lastOrdinal - Int64(streak) { return false }
        return !exclusions.contains { $0.contains(ordinal) }
    }

    /// Takes what the next window came to.
    ///
    /// - Parameters:
    ///   - coolDown: windows after an alert in which it is not raised again.
    ///   - mayBeAccepted: whether it is judged by the windows before.
    mutating func take(
        _ judgement: Judgement, at ordinal: Int64, coolDown: Int64, mayBeAccepted: Bool
    ) -> Change? {
        lastOrdinal = ordinal
        if let first = openedAt {
            streak = judgement.isClear ? streak + 1 : 0
            if streak >= Self.required {
                leave(first, after: ordinal, excluding: first...max(first, ordinal - Int64(streak)))
                return .left
            }
            if mayBeAccepted, ordinal - first >= Self.acceptanceCount {
                leave(first, after: ordinal, excluding: nil)
                baselineStart = ordinal - Self.baselineCount + 1
                return .accepted
            }
            return nil
        }
        guard judgement.isBad else {
            streak = 0
            return nil
        }
        streak += 1
        let isCooling = leftAt.map { ordinal - $0 <= coolDown } ?? false
        guard !isCooling, judgement.isSevere || streak >= Self.required else { return nil }
        number += 1
        openedAt = ordinal - Int64(streak) + 1
        streak = 0
        return .entered
    }

    private mutating func leave(_ first: Int64, after ordinal: Int64, excluding range: ClosedRange<Int64>?) {
        openedAt = nil
        leftAt = ordinal
        streak = 0
        if let range { exclusions.append(range) }
        if exclusions.count > 32 { exclusions.removeFirst() }
    }

    // MARK: Bytes

    init() {}

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(number))
        writer.append(UInt8(openedAt == nil ? 0 : 1))
        writer.append(zigzag: openedAt ?? 0)
        writer.append(varint: UInt64(streak))
        writer.append(UInt8(leftAt == nil ? 0 : 1))
        writer.append(zigzag: leftAt ?? 0)
        writer.append(baselineStart)
        writer.append(lastOrdinal)
        writer.append(varint: UInt64(exclusions.count))
        for range in exclusions {
            writer.append(zigzag: range.lowerBound)
            writer.append(zigzag: range.upperBound)
        }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        /// Places of windows are far from where sums would overflow.
        func ordinal(_ value: Int64) throws(FormatError) -> Int64 {
            guard value == .min || value.magnitude < 1 << 56 else {
                throw FormatError(.invalid, "window \(value) of an alert", at: reader.offset)
            }
            return value
        }
        number = try reader.readCount(limit: 1 << 40, of: "alerts")
        let isOpen = try reader.read(UInt8.self) != 0
        let opened = try ordinal(try reader.readZigzag())
        openedAt = isOpen ? opened : nil
        streak = try reader.readCount(limit: 1 << 40, of: "windows")
        let wasLeft = try reader.read(UInt8.self) != 0
        let left = try ordinal(try reader.readZigzag())
        leftAt = wasLeft ? left : nil
        baselineStart = try ordinal(try reader.read(Int64.self))
        lastOrdinal = try ordinal(try reader.read(Int64.self))
        for _ in 0..<(try reader.readCount(limit: 64, of: "exclusions")) {
            let low = try ordinal(try reader.readZigzag())
            let high = try ordinal(try reader.readZigzag())
            guard low <= high else { throw FormatError(.invalid, "windows \(low) to \(high)", at: reader.offset) }
            exclusions.append(low...high)
        }
    }
}
