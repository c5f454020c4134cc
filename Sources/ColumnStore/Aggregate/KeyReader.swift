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
    let numbers: UnsafeMutablePointer<UInt32>
    private let owner = RawBuffer(byteCapacity: SegmentFormat.vectorRowCount * 4 + 64)
    private var known: KnownKeys
    /// The number of each code of a page, `unknown` where it did not occur yet.
    private var numberOfCode: [UInt32] = []
    private var codeOwner: RawBuffer?
    private static let unknown = UInt32.max

    init(_ key: AggregatePlan.Key) {
        self.key = key
        known = KnownKeys(key)
        unsafe numbers = owner.base.assumingMemoryBound(to: UInt32.self)
    }

    /// Begins with a new block.
    func reset() {
        known.removeAll()
        codeOwner = nil
    }

    /// The values by their numbers.
    var parts: [GroupPart] { known.parts }

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

    private func number(ofWord word: UInt64) -> UInt32 { known.number(ofWord: word) }

    private func number(ofBytes bytes: UnsafeRawBufferPointer) -> UInt32 { unsafe known.number(ofBytes: bytes) }

    private func numberOfNull() -> UInt32 { known.numberOfNull() }

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
                if let numbers = unsafe readAscending(cursor, mask, interval) { return numbers }
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

    private func oneInterval(_ cursor: VectorCursor, _ interval: Int64) -> Numbers? {
        var pair: (Int64, Int64) = (.max, .min)
        unsafe drumlin_extremes_i64(cursor.words, nil, UInt32(cursor.count), &pair)
        let first = pair.0.flooredQuotient(by: interval)
        return first == pair.1.flooredQuotient(by: interval) ? .one(number(ofInterval: first)) : nil
    }

    /// Of times in order the runs within intervals, of others their interval if they have one; nil where they have several, or
    /// the runs are too short to pay.
    private func readAscending(
        _ cursor: VectorCursor, _ mask: UnsafePointer<UInt8>?, _ interval: Int64
    ) -> Numbers? {
        let times = unsafe cursor.words.assumingMemoryBound(to: Int64.self)
        let count = cursor.count
        guard unsafe drumlin_is_ascending_i64(times, UInt32(count)) != 0 else { return oneInterval(cursor, interval) }
        // Out of the object while they are filled, so that nothing has to be asked about who else has them.
        var runs = runs
        var known = known
        self.runs = []
        self.known = KnownKeys(key)
        defer {
            self.runs = runs
            self.known = known
        }
        runs.removeAll(keepingCapacity: true)
        var first = 0
        while first < count {
            let index = unsafe times[first].flooredQuotient(by: interval)
            // The interval that the latest time lies in may end after all times.
            let (next, overflow) = index.addingReportingOverflow(1)
            let (start, carry) = next.multipliedReportingOverflow(by: interval)
            let last = overflow || carry ? Int64.max : start - 1
            let end = unsafe first + Int(drumlin_not_above_i64(times + first, UInt32(count - first), last))
            if first == 0, end == count { return .one(known.number(ofWord: UInt64(bitPattern: index))) }
            let taken = unsafe mask.map { unsafe Int(drumlin_mask_count($0 + first, UInt32(end - first))) }
            if taken != 0 {
                if runs.count == Self.runLimit { return nil }
                runs.append(
                    Run(
                        rows: first..<end, taken: taken ?? end - first,
                        number: known.number(ofWord: UInt64(bitPattern: index))))
            }
            first = end
        }
        return .runs
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
