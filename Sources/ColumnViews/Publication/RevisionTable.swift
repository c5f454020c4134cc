import ColumnFormat

/// How often each window of one kind was published, for windows that nobody watches any more: two bytes a window, in
/// runs of 64.
struct RevisionTable: Equatable, Sendable {
    private var places: [Int64: Int] = [:]
    private var revisions: [UInt16] = []

    var byteCount: Int { revisions.capacity * 2 + places.capacity * 24 }

    subscript(ordinal: Int64) -> Int {
        get {
            guard let place = places[ordinal &>> 6] else { return 0 }
            return Int(revisions[place + Int(ordinal & 63)])
        }
        set {
            let run = ordinal &>> 6
            var place = places[run] ?? -1
            if place < 0 {
                place = revisions.count
                places[run] = place
                revisions.append(contentsOf: repeatElement(0, count: 64))
            }
            revisions[place + Int(ordinal & 63)] = UInt16(clamping: newValue)
        }
    }

    /// Runs in ascending order: their number, then per run its number less that of the one before, and 64 revisions.
    func encode(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(places.count))
        var previous: Int64 = 0
        for (run, place) in places.sorted(by: { $0.key < $1.key }) {
            writer.append(zigzag: run &- previous)
            previous = run
            for revision in revisions[place..<(place + 64)] { writer.append(varint: UInt64(revision)) }
        }
    }

    init() {}

    init(from reader: inout ByteReader) throws(FormatError) {
        let count = try reader.readCount(limit: reader.remaining / 65, of: "runs of revisions")
        var previous: Int64 = 0
        for position in 0..<count {
            let run = previous &+ (try reader.readZigzag())
            guard position == 0 || run > previous else {
                throw FormatError(.invalid, "a run of revisions out of order", at: reader.offset)
            }
            previous = run
            places[run] = revisions.count
            for _ in 0..<64 { revisions.append(UInt16(try reader.readCount(limit: 65_535, of: "publications"))) }
        }
    }
}
