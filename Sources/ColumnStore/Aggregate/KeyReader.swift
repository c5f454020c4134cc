internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// Numbers the values of one group key in one block. For one thread.
@safe
final class KeyReader {
    /// The numbers of a vector's rows.
    enum Numbers {
        /// All rows that were asked for have this one.
        case one(UInt32)
        /// Those of ``KeyReader/runs``.
        case runs
        /// One number a row, in ``KeyReader/numbers``; those of rows that were not asked for mean nothing.
        case each
    }

    /// Neighbours that have one number.
    struct Run {
        /// Places in the vector.
        let rows: Range<Int>
        /// How many of them were asked for, at least one.
        let taken: Int
        let number: UInt32
    }

    let key: AggregatePlan.Key
    /// Ascending; rows between them were not asked for.
    private(set) var runs: [Run] = []
    /// The values by their numbers.
    private(set) var parts: [GroupPart] = []
    let numbers: UnsafeMutablePointer<UInt32>
    private let owner = RawBuffer(byteCapacity: SegmentFormat.vectorRowCount * 4 + 64)
    private var words = WordTable()
    private var texts: [[UInt8]: UInt32] = [:]
    private var numberOfWord: [UInt32] = []
    private var nullNumber: UInt32?
    /// The number of each code of a page, `unknown` where it did not occur yet.
    private var numberOfCode: [UInt32] = []
    private var codeOwner: RawBuffer?
    private static let unknown = UInt32.max

    init(_ key: AggregatePlan.Key) {
        self.key = key
        unsafe numbers = owner.base.assumingMemoryBound(to: UInt32.self)
    }

    /// Begins with a new block.
    func reset() {
        parts.removeAll(keepingCapacity: true)
        words.removeAll()
        numberOfWord.removeAll(keepingCapacity: true)
        texts.removeAll(keepingCapacity: true)
        nullNumber = nil
        codeOwner = nil
    }

    // MARK: Numbering

    /// The interval that holds all times of a zone; nil where there are several, or a null.
    func interval(of zone: ZoneMap?) -> Int64? {
        guard let interval = key.interval, let zone, zone.nullCount == 0,
            case .timestamp(let low)? = zone.minimum, case .timestamp(let high)? = zone.maximum
        else { return nil }
        let first = low.microseconds.flooredQuotient(by: interval)
        return first == high.microseconds.flooredQuotient(by: interval) ? first : nil
    }

    /// The number of interval `index`.
    func number(ofInterval index: Int64) -> UInt32 { number(ofWord: UInt64(bitPattern: index)) }

    private func number(ofWord word: UInt64) -> UInt32 {
        let place = Int(words.number(of: word))
        if place == numberOfWord.count {
            numberOfWord.append(UInt32(parts.count))
            parts.append(part(word))
        }
        return numberOfWord[place]
    }

    private func part(_ word: UInt64) -> GroupPart {
        guard let interval = key.interval else { return GroupPart(bits: word, type: key.type) }
        // The interval that the earliest time lies in may begin before all times.
        let (start, overflow) = Int64(bitPattern: word).multipliedReportingOverflow(by: interval)
        let begin = overflow ? Int64.min : start
        return .word(order: begin, bits: UInt64(bitPattern: begin))
    }

    private func number(ofBytes bytes: UnsafeRawBufferPointer) -> UInt32 {
        let text = unsafe Array(bytes)
        if let known = texts[text] { return known }
        let number = UInt32(parts.count)
        texts[text] = number
        parts.append(.bytes(text))
        return number
    }

    private func numberOfNull() -> UInt32 {
        if let nullNumber { return nullNumber }
        let number = UInt32(parts.count)
        parts.append(.null)
        nullNumber = number
        return number
    }

    // MARK: Vectors

    /// Numbers the rows of the cursor's vector that `mask` takes (nil: all); there is at least one.
    func read(_ cursor: VectorCursor, mask: UnsafePointer<UInt8>?) -> Numbers {
        let validity = unsafe cursor.validity
        if key.type.byteWidth ?? 16 > 8 {
            unsafe readBytes(cursor, mask, validity)
            return .each
        }
        switch cursor.form {
        case .constant where unsafe validity == nil:
            return unsafe .one(number(ofWord: word(cursor.words, 0)))
        case .codes(let dictionary) where key.interval == nil:
            begin(dictionary.values, count: dictionary.count)
            let values = unsafe UnsafeRawPointer(dictionary.values.base)
            for row in 0..<cursor.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                let isNull = unsafe validity.map { unsafe $0[row] == 0 } ?? false
                let code = unsafe Int(cursor.narrow[row])
                if isNull {
                    unsafe numbers[row] = numberOfNull()
                } else if numberOfCode[code] != Self.unknown {
                    unsafe numbers[row] = numberOfCode[code]
                } else {
                    let number = unsafe number(ofWord: word(values, code))
                    numberOfCode[code] = number
                    unsafe numbers[row] = number
                }
            }
            return .each
        default:
            cursor.expand()
            if let interval = key.interval, unsafe validity == nil {
                if let one = oneInterval(cursor) { return .one(one) }
                if unsafe findRuns(cursor, mask, interval) { return .runs }
            }
            unsafe readWords(cursor, mask, validity)
            return .each
        }
    }

    /// Of a value its interval or its bits.
    @inline(__always)
    private func word(_ words: UnsafeRawPointer, _ row: Int) -> UInt64 {
        guard let interval = key.interval else { return unsafe WordBits.of(words, row, type: key.type) }
        let time = unsafe words.assumingMemoryBound(to: Int64.self)[row]
        return UInt64(bitPattern: time.flooredQuotient(by: interval))
    }

    private func oneInterval(_ cursor: VectorCursor) -> UInt32? {
        guard let interval = key.interval else { return nil }
        var pair: (Int64, Int64) = (.max, .min)
        unsafe drumlin_extremes_i64(cursor.words, nil, UInt32(cursor.count), &pair)
        let first = pair.0.flooredQuotient(by: interval)
        guard first == pair.1.flooredQuotient(by: interval) else { return nil }
        return number(ofInterval: first)
    }

    /// Of times in order the runs within intervals; false where they are not in order, or the runs are too short to pay.
    private func findRuns(_ cursor: VectorCursor, _ mask: UnsafePointer<UInt8>?, _ interval: Int64) -> Bool {
        let times = unsafe cursor.words.assumingMemoryBound(to: Int64.self)
        let count = cursor.count
        guard unsafe drumlin_is_ascending_i64(times, UInt32(count)) != 0 else { return false }
        runs.removeAll(keepingCapacity: true)
        var first = 0
        while first < count {
            let index = unsafe times[first].flooredQuotient(by: interval)
            // The interval that the latest time lies in may end after all times.
            let last = Int64(clamping: (Int128(index) + 1) * Int128(interval) - 1)
            var (end, limit) = (first + 1, count)
            while end < limit {
                let middle = (end + limit) / 2
                if unsafe times[middle] <= last { end = middle + 1 } else { limit = middle }
            }
            let taken = unsafe mask.map { unsafe Int(drumlin_mask_count($0 + first, UInt32(end - first))) }
            if taken != 0 {
                if runs.count == Self.runLimit { return false }
                runs.append(
                    Run(rows: first..<end, taken: taken ?? end - first, number: number(ofInterval: index)))
            }
            first = end
        }
        return true
    }

    private static let runLimit = 64

    /// Gives the rows of ``runs`` their ``numbers``.
    func spreadRuns() {
        for run in runs { unsafe (numbers + run.rows.lowerBound).update(repeating: run.number, count: run.rows.count) }
    }

    private func readWords(
        _ cursor: VectorCursor, _ mask: UnsafePointer<UInt8>?, _ validity: UnsafePointer<UInt8>?
    ) {
        // Neighbours are often alike.
        var lastWord: UInt64 = 0
        var lastNumber = Self.unknown
        for row in 0..<cursor.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            if unsafe validity.map({ unsafe $0[row] == 0 }) ?? false {
                unsafe numbers[row] = numberOfNull()
                continue
            }
            let word = unsafe word(cursor.words, row)
            if word != lastWord || lastNumber == Self.unknown {
                lastNumber = number(ofWord: word)
                lastWord = word
            }
            unsafe numbers[row] = lastNumber
        }
    }

    private func readBytes(
        _ cursor: VectorCursor, _ mask: UnsafePointer<UInt8>?, _ validity: UnsafePointer<UInt8>?
    ) {
        if let texts = cursor.distinctTexts { begin(texts.values, count: texts.count) }
        for row in 0..<cursor.count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            if unsafe validity.map({ unsafe $0[row] == 0 }) ?? false {
                unsafe numbers[row] = numberOfNull()
            } else if let texts = cursor.distinctTexts {
                let code = unsafe Int(cursor.narrow[row])
                if numberOfCode[code] == Self.unknown {
                    unsafe numberOfCode[code] = number(ofBytes: texts.variableBytes(at: code))
                }
                unsafe numbers[row] = numberOfCode[code]
            } else if let texts = cursor.textRows {
                unsafe numbers[row] = number(ofBytes: texts.variableBytes(at: row))
            } else {
                let width = key.type.byteWidth ?? 0
                unsafe numbers[row] = number(
                    ofBytes: UnsafeRawBufferPointer(start: cursor.words + row * width, count: width))
            }
        }
    }

    private func begin(_ owner: RawBuffer, count: Int) {
        if codeOwner === owner { return }
        codeOwner = owner
        numberOfCode = Array(repeating: Self.unknown, count: count)
    }
}
