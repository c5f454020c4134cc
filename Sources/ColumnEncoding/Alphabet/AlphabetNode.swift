import ColumnFormat

/// Texts of one length, by the bytes that occur at each position: the ids of predictions. Ten lowercase letters take 47
/// bits, a uuid's text 122, a prefix nothing, and the digits of a counter are a counter again.
///
///     11, UInt8 length (1…255)
///     alphabets  for each position: UInt8 size (0 stands for 256), its bytes in ascending order
///     numbers    for each group: varint byte count, node of count UInt64
///
/// Groups are not stored: see ``AlphabetPlan`` for how positions with more than one byte are grouped (as many in a
/// group as keep the product of their sizes ≤ 2^62) and for what the number of a group means. A number is
/// below the product of its group's sizes. A point read costs a division for every 2^24 possibilities.
@safe
final class AlphabetNode: TextNode {
    let count: Int
    private let plan: AlphabetPlan
    private let numbers: [any FixedNode]

    static let numberShape = FixedShape(kind: .unsigned, byteWidth: 8)

    init(_ reader: inout ByteReader, count: Int, depth: Int) throws(FormatError) {
        self.count = count
        let length = Int(try reader.read(UInt8.self))
        guard length >= 1 else { throw FormatError(.invalid, "texts of no bytes", at: reader.offset - 1) }
        var alphabets: [[UInt8]] = []
        for _ in 0..<length {
            let size = Int(try reader.read(UInt8.self))
            let alphabet = unsafe Array(try reader.readBytes(size == 0 ? 256 : size))
            for i in 1..<max(alphabet.count, 1) where alphabet[i] <= alphabet[i - 1] {
                throw FormatError(.invalid, "an alphabet that does not ascend", at: reader.offset - alphabet.count + i)
            }
            alphabets.append(alphabet)
        }
        plan = AlphabetPlan(alphabets: alphabets)
        var numbers: [any FixedNode] = []
        for _ in plan.groups {
            numbers.append(
                try NodeParser.fixedChild(&reader, shape: Self.numberShape, count: count, depth: depth))
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
        let scratch = UnsafeMutablePointer<UInt64>.allocate(capacity: PageLimits.vectorRowCount)
        defer { unsafe scratch.deallocate() }
        for (group, node) in zip(plan.groups, numbers) {
            var row = rows.lowerBound
            while row < rows.upperBound {
                let end = min(rows.upperBound, (row / PageLimits.vectorRowCount + 1) * PageLimits.vectorRowCount)
                unsafe try node.decode(row..<end, into: UnsafeMutableRawPointer(scratch))
                var highest: UInt64 = 0
                for i in 0..<end &- row { unsafe highest = max(highest, scratch[i]) }
                guard highest < group.product else { throw outOfRange(highest, group) }
                let target = unsafe heap + (row - rows.lowerBound) * length
                unsafe write(scratch, count: end - row, of: group, to: target)
                row = end
            }
        }
        return unsafe finish(rows, validity: validity, heap: heap, builder: builder)
    }

    /// Every row's shared bytes.
    private func fillTemplate(_ heap: UnsafeMutablePointer<UInt8>, rowCount: Int) {
        guard plan.positions.count < plan.length else { return }
        unsafe plan.template.withUnsafeBufferPointer { template in
            for row in 0..<rowCount {
                unsafe (heap + row &* template.count).update(from: template.baseAddress!, count: template.count)
            }
        }
    }

    /// Writes the letters that `numbers`, each in range, stand for to texts that lie together. Uses up the numbers.
    private func write(
        _ numbers: UnsafeMutablePointer<UInt64>, count: Int, of group: AlphabetPlan.Group,
        to texts: UnsafeMutablePointer<UInt8>
    ) {
        let length = plan.length
        for index in stride(from: group.steps.count - 1, through: 0, by: -1) {
            let step = group.steps[index]
            // From here on a number is split: the digits of this step, below 2^24, in its lower half, what is left
            // for the steps before it in `quotients`.
            let next = index > 0 ? UnsafeMutablePointer<UInt64>.allocate(capacity: count) : nil
            defer { unsafe next?.deallocate() }
            if let next = unsafe next { unsafe Self.divide(numbers, by: step, count: count, quotients: next) }
            for p in stride(from: step.positions.upperBound - 1, through: step.positions.lowerBound, by: -1) {
                let position = plan.positions[p]
                unsafe Self.write(
                    numbers, count: count, position, letters: plan.letters, to: texts + position.index, stride: length)
            }
            if let next = unsafe next { unsafe numbers.update(from: next, count: count) }
        }
    }

    /// Leaves in `numbers` the remainder of the division by the step's product.
    private static func divide(
        _ numbers: UnsafeMutablePointer<UInt64>, by step: AlphabetPlan.Step, count: Int,
        quotients: UnsafeMutablePointer<UInt64>
    ) {
        for i in 0..<count {
            // The reciprocal is rounded down and numbers are below 2^62, so the quotient is right or one too small.
            let number = unsafe numbers[i]
            var quotient = number.multipliedFullWidth(by: step.reciprocal).high
            var rest = number &- quotient &* step.product
            if rest >= step.product {
                rest &-= step.product
                quotient &+= 1
            }
            unsafe quotients[i] = quotient
            unsafe numbers[i] = rest
        }
    }

    /// Takes the last digit off every number and writes its letter.
    private static func write(
        _ numbers: UnsafeMutablePointer<UInt64>, count: Int, _ position: AlphabetPlan.Position, letters: [UInt8],
        to first: UnsafeMutablePointer<UInt8>, stride: Int
    ) {
        let (size, reciprocal) = (position.size, position.reciprocal)
        unsafe letters.withUnsafeBufferPointer { letters in
            let alphabet = unsafe letters.baseAddress! + position.letters
            var target = unsafe first
            for i in 0..<count {
                let number = unsafe numbers[i]
                let rest = (number &* reciprocal) &>> 32
                let digit = number &- rest &* size
                unsafe numbers[i] = rest
                unsafe target.pointee = alphabet[Int(truncatingIfNeeded: digit & 0xFF)]
                unsafe target += stride
            }
        }
    }

    /// Writes the ends, moving texts together where nulls lie between them; the bytes that remain.
    private func finish(
        _ rows: Range<Int>, validity: UnsafePointer<UInt8>?, heap: UnsafeMutablePointer<UInt8>, builder: ColumnBuilder
    ) -> Int {
        let length = plan.length
        let ends = unsafe builder.reservedEnds
        let start = builder.heapByteCount
        guard let validity = unsafe validity else {
            for i in 0..<rows.count { unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ (i &+ 1) &* length) }
            return rows.count * length
        }
        var position = 0
        for i in 0..<rows.count {
            if unsafe validity[i] != 0 {
                if position < i &* length { unsafe (heap + position).update(from: heap + i &* length, count: length) }
                position &+= length
            }
            unsafe ends[i] = UInt32(truncatingIfNeeded: start &+ position)
        }
        return position
    }

    func bytes(at row: Int, scratch: inout TextScratch) throws(FormatError) -> UnsafeRawBufferPointer {
        let text = unsafe scratch.reserve(plan.length).assumingMemoryBound(to: UInt8.self)
        unsafe fillTemplate(text, rowCount: 1)
        for index in 0..<numbers.count {
            let group = plan.groups[index]
            var number = try numbers[index].word(at: row)
            guard number < group.product else { throw outOfRange(number, group) }
            unsafe write(&number, count: 1, of: group, to: text)
        }
        return unsafe UnsafeRawBufferPointer(start: text, count: plan.length)
    }

    private func outOfRange(_ number: UInt64, _ group: AlphabetPlan.Group) -> FormatError {
        FormatError(.invalid, "number \(number) for \(group.product) possible texts")
    }
}
