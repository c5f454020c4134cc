extension CSVReader {
    /// Moves to the next row; false at the end of the file.
    ///
    /// - Throws: ``CSVError``. After one whose ``CSVError/isRowError`` is true, the next call reads the row that follows.
    package func nextRow() throws(CSVError) -> Bool {
        guard let count = try scanNextRow() else { return false }
        if count != columnCount, !(allowsEmptyExtraFields && isEmptyBeyondHeader(count)) {
            throw CSVError(
                .fieldCount, file: name, line: lineNumber,
                "a row of \(count) field\(count == 1 ? "" : "s"), expected \(columnCount) as in the header",
                remedy: "quote fields that hold commas or line ends")
        }
        return true
    }

    /// Whether the row has more fields than the header, all of those empty.
    private func isEmptyBeyondHeader(_ count: Int) -> Bool {
        guard count > columnCount else { return false }
        for index in columnCount..<count where unsafe bounds[2 * index] != bounds[2 * index + 1] { return false }
        return true
    }

    /// The number of fields of the next row that is not an empty line; nil at the end of the file.
    func scanNextRow() throws(CSVError) -> Int? {
        while true {
            lineNumber = nextLine
            var outcome = try scanPlainRow()
            if case .quoted = outcome { outcome = try scanQuotedRow() }
            switch outcome {
            case .row(let count): return count
            case .empty: continue
            case .incomplete, .quoted: if try !fill() { return try endOfFile() }
            }
        }
    }

    enum Outcome {
        /// A row of this many fields is in ``bounds``, and ``position`` is after it.
        case row(Int)
        case empty
        /// The row has a quoted field: ``scanQuotedRow()`` reads it.
        case quoted
        /// The row's end is not in the buffer.
        case incomplete
    }

    private func endOfFile() throws(CSVError) -> Int? {
        guard position < limit else { return nil }
        // Every row in the buffer has a line end, so what is left over is a quoted field without its end.
        position = limit
        throw CSVError(
            .quoting, file: name, line: lineNumber, "a quoted field of this row is never closed",
            remedy: "double the quotation marks inside quoted fields")
    }

    // MARK: Rows without quotation marks

    /// Eight bytes at a time, stopping only at bytes below '-': digits, letters, '-' and '.' pass unseen.
    private func scanPlainRow() throws(CSVError) -> Outcome {
        let base = unsafe buffer
        let end = limit
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var fieldStart = position
        var count = 0
        var seen: UInt64 = 0
        var at = position
        while at < end {
            let word = unsafe UInt64(
                littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
            seen |= word
            var stops = ~((word | highs) &- 0x2D &* ones) & ~word & highs
            while stops != 0 {
                let index = at &+ stops.trailingZeroBitCount >> 3
                stops &= stops &- 1
                let byte = unsafe base[index]
                if byte == 0x2C {
                    if count == fieldCapacity { growBounds() }
                    unsafe bounds[2 &* count] = fieldStart
                    unsafe bounds[2 &* count &+ 1] = index
                    count &+= 1
                    fieldStart = index &+ 1
                } else if byte == 0x0A {
                    return try finishRow(count, fieldStart: fieldStart, lineEnd: index, isASCII: seen & highs == 0)
                } else if byte == 0x22 {
                    return .quoted
                } else if byte == 0x0D {
                    if index &+ 1 >= end { return .incomplete }
                    if unsafe base[index &+ 1] != 0x0A { try refuseCarriageReturn(at: index) }
                } else if byte == 0 {
                    try refuseBinary()
                }
            }
            at &+= 8
        }
        return .incomplete
    }

    /// Takes the last field, which ends at `lineEnd`, and moves behind the row.
    func finishRow(_ before: Int, fieldStart: Int, lineEnd: Int, isASCII: Bool) throws(CSVError) -> Outcome {
        var fieldEnd = lineEnd
        if fieldEnd > fieldStart, unsafe buffer[fieldEnd - 1] == 0x0D { fieldEnd -= 1 }
        let rowStart = position
        if before == 0, fieldEnd == rowStart, !takesEmptyLinesAsRows {
            position = lineEnd + 1
            nextLine += 1
            return .empty
        }
        if before == fieldCapacity { growBounds() }
        unsafe bounds[2 * before] = fieldStart
        unsafe bounds[2 * before + 1] = fieldEnd
        position = lineEnd + 1
        nextLine += 1
        if !isASCII { try checkText(rowStart..<lineEnd) }
        return .row(before + 1)
    }

    func growBounds() {
        let grown: UnsafeMutablePointer<Int> = .allocate(capacity: fieldCapacity * 4)
        unsafe grown.initialize(repeating: 0, count: fieldCapacity * 4)
        unsafe grown.update(from: bounds, count: fieldCapacity * 2)
        unsafe bounds.deallocate()
        unsafe bounds = grown
        fieldCapacity *= 2
    }

    // MARK: What is no CSV

    func refuseBinary() throws(CSVError) {
        throw CSVError(
            .notCSV, file: name, line: nextLine, "a NUL byte: this is a binary file, not CSV",
            remedy: "give a text file in UTF-8")
    }

    private func refuseCarriageReturn(at index: Int) throws(CSVError) {
        let line = nextLine
        skipLine(from: index)
        throw CSVError(
            .quoting, file: name, line: line, "a carriage return that ends no line",
            remedy: "end lines with LF or CRLF, and quote fields that hold line ends")
    }

    func checkText(_ range: Range<Int>) throws(CSVError) {
        let bytes = unsafe UnsafeBufferPointer(start: buffer + range.lowerBound, count: range.count)
        if let bad = unsafe UTF8Check.firstInvalid(in: bytes) {
            throw CSVError(
                .notCSV, file: name, line: lineNumber,
                "byte \(bad + 1) of this row is not UTF-8: this is a binary file, or text in another encoding",
                remedy: "convert it to UTF-8")
        }
    }

    /// After an error inside a row: goes on behind the next line end at or after `index`.
    func skipLine(from index: Int) {
        var at = index
        while at < limit, unsafe buffer[at] != 0x0A { at += 1 }
        position = min(at + 1, limit)
        nextLine += 1
    }
}
