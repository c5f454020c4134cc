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
/// count − o) bytes. A point read costs a few multiplications a byte.
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
        let plan = plan
        writers = plan.groups.map { AlphabetWriter($0, template: plan.template, isConstant: plan.isConstant) }
        var numbers: [any FixedNode] = []
        for _ in plan.groups {
            numbers.append(try NodeParser.fixedChild(&reader, shape: Self.numberShape, count: count, depth: depth))
        }
        self.numbers = numbers
        try NodeParser.expectEnd(reader)
    }

    var name: String { "alphabet(\(numbers.map(\.name).joined(separator: ", ")))" }

    private func outOfRange(_ number: UInt64, _ product: UInt64) -> FormatError {
        FormatError(.invalid, "number \(number) for \(product) possible texts")
    }

    // MARK: Vectors

    func decode(_ rows: Range<Int>, validity: UnsafePointer<UInt8>?, into builder: ColumnBuilder) throws(FormatError)
        -> Int
    {
        try TextDecoding.reserve(rows.count * plan.length, in: builder)
        let scratch = AlphabetScratch(plan)
        var position = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
            let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
            let heap = unsafe builder.reservedHeap + position
            let ends = unsafe builder.reservedEnds + (row - rows.lowerBound)
            let start = builder.heapByteCount + position
            if unsafe validity == nil, plan.optional.isEmpty {
                unsafe try write(row..<end, to: heap, scratch)
                let length = plan.length
                for i in 0..<end &- row { unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ (i &+ 1) &* length) }
                position += (end - row) * length
            } else {
                unsafe try write(row..<end, to: scratch.texts, scratch)
                let valid = unsafe validity.map { unsafe $0 + (row - rows.lowerBound) }
                position += unsafe scratch.close(end - row, plan, valid, to: heap, ends: ends, start: start)
            }
            row = end
        }
        return withExtendedLifetime(scratch) { position }
    }

    /// The texts of `rows`, which are of one vector, all of the longest one's length.
    private func write(
        _ rows: Range<Int>, to texts: UnsafeMutableRawPointer, _ scratch: AlphabetScratch
    ) throws(FormatError) {
        unsafe plan.fillTemplate(texts, count: rows.count)
        let target = unsafe AlphabetWriter.Target(
            texts: texts, stride: plan.length, count: rows.count, optionalCounts: scratch.optionalCounts)
        scratch.clearCounts(rows.count)
        let values = unsafe scratch.numbers
        for index in 0..<numbers.count {
            unsafe try numbers[index].decode(rows, into: UnsafeMutableRawPointer(values))
            let writer = writers[index]
            // The top bit of one of both is set where a number is not below the product: that is at most 2^62.
            var bits: UInt64 = 0
            for i in 0..<rows.count { unsafe bits |= values[i] | (writer.product &- 1 &- values[i]) }
            guard bits >> 63 == 0 else {
                var highest: UInt64 = 0
                for i in 0..<rows.count { unsafe highest = max(highest, values[i]) }
                throw outOfRange(highest, writer.product)
            }
            unsafe writer.write(values, fractions: scratch.fractions, to: target)
        }
    }

    // MARK: Points

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        let text = unsafe scratch.reserve(plan.length)
        unsafe plan.fillTemplate(text, count: 1)
        var byteCount = plan.requiredCount
        for index in 0..<numbers.count { unsafe byteCount += writers[index].write(try number(row, index), to: text) }
        if byteCount < plan.length {
            let prefix = plan.optional.lowerBound
            unsafe (text + prefix).copyMemory(
                from: text + (plan.length - byteCount + prefix), byteCount: byteCount - prefix)
        }
        return unsafe UnsafeRawBufferPointer(start: text, count: byteCount)
    }

    func isEqual(at row: Int, to bytes: UnsafeRawBufferPointer) throws(FormatError) -> Bool {
        let missing = plan.length - bytes.count
        guard missing >= 0, missing <= plan.optional.count else { return false }
        guard let text = bytes.baseAddress else {
            // Only the empty text has no bytes: every position is optional, and no digit is one of a byte.
            for index in 0..<numbers.count where try number(row, index) != 0 { return false }
            return true
        }
        let prefix = plan.optional.lowerBound
        guard unsafe plan.hasConstants(of: text, missing: missing) else { return false }
        for index in 0..<numbers.count {
            let number = try number(row, index)
            guard unsafe writers[index].isEqual(number, to: text, prefix: prefix, missing: missing) else {
                return false
            }
        }
        return true
    }

    private func number(_ row: Int, _ index: Int) throws(FormatError) -> UInt64 {
        let number = try numbers[index].word(at: row)
        guard number < writers[index].product else { throw outOfRange(number, writers[index].product) }
        return number
    }

    func prefetch(_ row: Int) {
        for index in 0..<numbers.count { numbers[index].prefetch(row) }
    }
}
