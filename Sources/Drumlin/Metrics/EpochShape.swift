internal import ColumnFormat

/// How the buckets of an epoch are counted. A *slot* is a place where unlabeled rows are counted.
package enum EpochShape: Sendable, Equatable {
    /// Each bucket is a slot or, unless it fixes the predicted class, a slot for each class.
    case buckets(count: Int, fixesClass: Bool)
    /// Buckets are levels of P(label 1). A slot is a group of them × the predicted class, and the sum of the chances of
    /// its rows is kept with their number.
    case levels(LevelTable)
    /// Bucket a × `second` + b stands for leaf a of one tree and leaf b of another: a row is counted in both.
    case pairs(first: Int, second: Int)
    /// Buckets of one predicted class, each with the sums of its rows' chances of every class.
    case classes(count: Int)

    package var bucketCount: Int {
        switch self {
        case .buckets(let count, _): count
        case .levels(let table): table.count
        case .pairs(let first, let second): first * second
        case .classes(let count): count
        }
    }

    /// The places of the reference's statistics: buckets, slots of levels, or leaves.
    func placeCount(classCount: Int) -> Int {
        switch self {
        case .buckets(let count, _): count
        case .levels(let table): table.groupCount * classCount
        case .pairs(let first, let second): first + second
        case .classes(let count): count
        }
    }

    /// Whether all rows of a place have the same predicted class.
    func fixesClass(classCount: Int) -> Bool {
        switch self {
        case .buckets(_, let fixes): fixes
        case .levels, .classes: true
        case .pairs: classCount == 1
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .buckets: writer.append(UInt8(0))
        case .levels(let table):
            writer.append(UInt8(1))
            table.write(to: &writer)
        case .pairs(let first, let second):
            writer.append(UInt8(2))
            writer.append(varint: UInt64(first))
            writer.append(varint: UInt64(second))
        case .classes(let count):
            writer.append(UInt8(3))
            writer.append(varint: UInt64(count))
        }
    }

    /// - Parameter plain: what the bytes of plain buckets stand for.
    init(from reader: inout ByteReader, plain: EpochShape) throws(FormatError) {
        let start = reader.offset
        switch try reader.read(UInt8.self) {
        case 0: self = plain
        case 1: self = .levels(try LevelTable(from: &reader))
        case 2:
            let first = try reader.readCount(limit: LeafPair.leafLimit, of: "leaves")
            let second = try reader.readCount(limit: LeafPair.leafLimit, of: "leaves")
            guard first > 0, second > 0 else { throw FormatError(.invalid, "trees without leaves", at: start) }
            self = .pairs(first: first, second: second)
        case 3: self = .classes(count: try reader.readCount(limit: FittedBuckets.countLimit, of: "buckets"))
        case let code: throw FormatError(.invalid, "no shape of an epoch has the code \(code)", at: start)
        }
    }
}
