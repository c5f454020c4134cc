import ColumnFormat

/// Texts of similar make, by the bytes that occur at each position: the ids of predictions. Ten lowercase letters take 48
/// bits, a uuid's text 122, a prefix nothing, and the digits of a counter are a counter again.
///
///     11, UInt8 length of the longest text (1…255)
///     UInt8 first optional position, UInt8 optional count; both 0 where all texts have the same length
///     alphabets  for each position: UInt8 size (0 stands for 256), its bytes in ascending order
///     numbers    for each group: varint byte count, node of count UInt64, each below the product of the group's radices
///
/// ``AlphabetPlan`` says what the groups are and what their numbers mean. With p bytes before the optional positions
/// and o optional bytes present, a text is the first p bytes of the longest text and its last length − p − (optional
/// count − o) bytes. A point read costs a division for every 2^24 possibilities.
@safe
final class AlphabetNode: TextNode {
    let count: Int
    private let plan: AlphabetPlan
    private let writers: [AlphabetWriter]
    private let numbers: [any FixedNode]

    static let numberShape = FixedShape(kind: .unsigned, byteWidth: 8)

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        let length = Int(try reader.read(UInt8.self))
        let firstOptional = Int(try reader.read(UInt8.self))
        let optionalCount = Int(try reader.read(UInt8.self))
        guard length >= 1, firstOptional + optionalCount <= length else {
            throw FormatError(.invalid, "\(firstOptional) + \(optionalCount) of \(length) positions", at: reader.offset)
        }
        var alphabets: [[UInt8]] = []
        for _ in 0..<length {
            let size = Int(try reader.read(UInt8.self))
            let alphabet = unsafe Array(try reader.readBytes(size == 0 ? 256 : size))
            for i in 1..<max(alphabet.count, 1) where alphabet[i] <= alphabet[i - 1] {
                throw FormatError(.invalid, "an alphabet that does not ascend", at: reader.offset - alphabet.count + i)
            }
            alphabets.append(alphabet)
        }
        plan = AlphabetPlan(alphabets: alphabets, optional: firstOptional..<firstOptional + optionalCount)
        writers = plan.groups.map { AlphabetWriter($0) }
        var numbers: [any FixedNode] = []
        for _ in plan.groups {
            numbers.append(try NodeParser.fixedChild(&reader, shape: Self.numberShape, count: count, depth: depth))
        }
        self.numbers = numbers
        try NodeParser.expectEnd(reader)
    }

    var name: String { "alphabet(\(numbers.map(\.name).joined(separator: ", ")))" }

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        let length = plan.length
        try TextDecoding.reserve(rows.count * length, in: builder)
        let heap = unsafe builder.reservedHeap.assumingMemoryBound(to: UInt8.self)
        unsafe fillTemplate(heap, rowCount: rows.count)
        let optionalCounts = UnsafeMutablePointer<UInt16>.allocate(capacity: rows.count)
        defer { unsafe optionalCounts.deallocate() }
        unsafe optionalCounts.update(repeating: 0, count: rows.count)
        let scratch = UnsafeMutablePointer<UInt64>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe scratch.deallocate() }
        for index in 0..<numbers.count {
            var row = rows.lowerBound
            while row < rows.upperBound {
                let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
                unsafe try numbers[index].decode(row..<end, into: UnsafeMutableRawPointer(scratch))
                var highest: UInt64 = 0
                for i in 0..<end &- row { unsafe highest = max(highest, scratch[i]) }
                guard highest < writers[index].product else { throw outOfRange(highest, writers[index].product) }
                let first = row - rows.lowerBound
                unsafe writers[index].write(
                    scratch, count: end - row, to: heap + first * length, length: length,
                    optionalCounts: optionalCounts + first)
                row = end
            }
        }
        if unsafe validity == nil, plan.optional.isEmpty {
            let ends = unsafe builder.reservedEnds
            let start = builder.heapByteCount
            for i in 0..<rows.count { unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ (i &+ 1) &* length) }
            return rows.count * length
        }
        return unsafe close(rows.count, validity: validity, heap: heap, optionalCounts: optionalCounts, builder)
    }

    /// The bytes that are the same in every row.
    private func fillTemplate(_ heap: UnsafeMutablePointer<UInt8>, rowCount: Int) {
        unsafe plan.template.withUnsafeBufferPointer { template in
            for row in 0..<rowCount {
                unsafe (heap + row &* template.count).update(from: template.baseAddress!, count: template.count)
            }
        }
    }

    /// Moves texts together where nulls or missing bytes lie between them, and writes their ends; the bytes that remain.
    private func close(
        _ rowCount: Int, validity: UnsafePointer<UInt8>?, heap: UnsafeMutablePointer<UInt8>,
        optionalCounts: UnsafeMutablePointer<UInt16>, _ builder: ColumnBuilder
    ) -> Int {
        let length = plan.length
        let prefix = plan.optional.lowerBound
        let ends = unsafe builder.reservedEnds
        let start = builder.heapByteCount
        var position = 0
        for i in 0..<rowCount {
            if unsafe validity.map({ unsafe $0[i] != 0 }) ?? true {
                let byteCount = unsafe plan.requiredCount &+ Int(optionalCounts[i])
                let text = unsafe heap + i &* length
                // A text moves toward the front, by pieces in order: what is written over was moved before.
                unsafe (heap + position).update(from: text, count: prefix)
                unsafe (heap + position + prefix).update(
                    from: text + (length &- byteCount &+ prefix), count: byteCount &- prefix)
                position &+= byteCount
            }
            unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ position)
        }
        return position
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        let text = unsafe scratch.reserve(plan.length).assumingMemoryBound(to: UInt8.self)
        unsafe fillTemplate(text, rowCount: 1)
        var optionalCount: UInt16 = 0
        for index in 0..<numbers.count {
            var number = try numbers[index].word(at: row)
            guard number < writers[index].product else { throw outOfRange(number, writers[index].product) }
            unsafe writers[index].write(
                &number, count: 1, to: text, length: plan.length, optionalCounts: &optionalCount)
        }
        let prefix = plan.optional.lowerBound
        let byteCount = plan.requiredCount + Int(optionalCount)
        if byteCount < plan.length {
            unsafe (text + prefix).update(from: text + (plan.length - byteCount + prefix), count: byteCount - prefix)
        }
        return unsafe UnsafeRawBufferPointer(start: text, count: byteCount)
    }

    private func outOfRange(_ number: UInt64, _ product: UInt64) -> FormatError {
        FormatError(.invalid, "number \(number) for \(product) possible texts")
    }
}
