internal import ColumnFormat

/// Levels of an estimated P(label 1): what each is worth, and the groups in which they are counted.
package struct LevelTable: Sendable, Equatable {
    /// P(label 1) of each level, in units of 2⁻³²: sums of them are exact.
    let chances: [Int64]
    /// The group of each level.
    let groups: [UInt16]
    let groupCount: Int

    package var count: Int { chances.count }

    static let unit = 0x1p32

    /// Levels divide the logits from −`logitLimit` to `logitLimit` evenly: neighbours differ by 1.2 % in their odds.
    static let levelCount = 2_048
    static let logitLimit = 12.0
    static let groupCount = 20

    @inline(__always)
    static func level(ofLogit logit: Double) -> Int {
        let place = (logit + logitLimit) * (Double(levelCount) / (2 * logitLimit))
        return place >= Double(levelCount) ? levelCount &- 1 : place > 0 ? Int(place) : 0
    }

    /// - Parameter logits: those of the reference rows, whose mean in a level is what the level is worth.
    init(logits: [Double], isPositive: [Bool]) {
        var sums = [Double](repeating: 0, count: Self.levelCount)
        var counts = sums
        for logit in logits {
            let level = Self.level(ofLogit: logit)
            sums[level] += Self.chance(ofLogit: logit)
            counts[level] += 1
        }
        let bins = ScoreBins.quantiles(of: logits, isPositive: isPositive, count: Self.groupCount)
        var chances: [Int64] = []
        var groups: [UInt16] = []
        for level in 0..<Self.levelCount {
            let center = (Double(level) + 0.5) * (2 * Self.logitLimit / Double(Self.levelCount)) - Self.logitLimit
            let chance = counts[level] > 0 ? sums[level] / counts[level] : Self.chance(ofLogit: center)
            chances.append(Int64((chance * Self.unit).rounded()))
            groups.append(UInt16(bins.index(of: center)))
        }
        (self.chances, self.groups, groupCount) = (chances, groups, bins.count)
    }

    static func chance(ofLogit logit: Double) -> Double { logistic(logit) }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(chances.count))
        writer.append(varint: UInt64(groupCount))
        for chance in chances { writer.append(varint: UInt64(chance)) }
        for group in groups { writer.append(varint: UInt64(group)) }
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: FittedBuckets.countLimit, of: "levels")
        groupCount = try reader.readCount(limit: FittedBuckets.countLimit, of: "groups")
        guard count > 0, groupCount > 0 else { throw FormatError(.invalid, "no levels", at: start) }
        var chances: [Int64] = []
        for _ in 0..<count { chances.append(Int64(try reader.readCount(limit: 1 << 32, of: "2⁻³²"))) }
        var groups: [UInt16] = []
        for _ in 0..<count { groups.append(UInt16(try reader.readCount(limit: groupCount - 1, of: "groups"))) }
        (self.chances, self.groups) = (chances, groups)
    }
}
