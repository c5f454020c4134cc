extension CSVReader {
    /// A row with quoted fields, byte by byte. Nothing in the buffer changes until the row's end has been seen, because
    /// the row is scanned again from its start when the buffer ends inside it.
    func scanQuotedRow() throws(CSVError) -> Outcome {
        escapedFields.removeAll(keepingCapacity: true)
        var at = position
        var count = 0
        var lines = 0
        while true {
            if count == fieldCapacity { growBounds() }
            guard at < limit else { return .incomplete }
            if unsafe buffer[at] == 0x22 {
                guard let close = try closingQuote(after: at, field: count, lines: &lines) else { return .incomplete }
                unsafe bounds[2 * count] = at + 1
                unsafe bounds[2 * count + 1] = close
                at = close + 1
                guard at < limit else { return .incomplete }
                if unsafe buffer[at] == 0x0D {
                    at += 1
                    guard at < limit else { return .incomplete }
                    if unsafe buffer[at] != 0x0A { try refuseQuoting(at: at, lines: lines) }
                }
            } else {
                let start = at
                while at < limit, unsafe !endsField(buffer[at]) { at += 1 }
                guard at < limit else { return .incomplete }
                if unsafe buffer[at] == 0 { try refuseBinary() }
                if unsafe buffer[at] == 0x22 { try refuseQuoting(at: at, lines: lines) }
                var end = at
                if unsafe buffer[at] == 0x0D {
                    at += 1
                    guard at < limit else { return .incomplete }
                    if unsafe buffer[at] != 0x0A { try refuseQuoting(at: at, lines: lines) }
                    end = at - 1
                }
                unsafe bounds[2 * count] = start
                unsafe bounds[2 * count + 1] = end
            }
            count += 1
            switch unsafe buffer[at] {
            case 0x2C: at += 1
            case 0x0A:
                let rowStart = position
                position = at + 1
                nextLine += lines + 1
                try checkText(rowStart..<at)
                for index in escapedFields { undoubleQuotes(index) }
                return .row(count)
            default: try refuseQuoting(at: at, lines: lines)
            }
        }
    }

    private func endsField(_ byte: UInt8) -> Bool {
        byte == 0x2C || byte == 0x0A || byte == 0x0D || byte == 0x22 || byte == 0
    }

    /// The position of the quotation mark that closes the one at `open`; nil where the buffer ends before.
    private func closingQuote(after open: Int, field: Int, lines: inout Int) throws(CSVError) -> Int? {
        var at = open + 1
        var isEscaped = false
        while at < limit {
            switch unsafe buffer[at] {
            case 0x22:
                // At the very end of the buffer one cannot know whether another quotation mark follows.
                guard at + 1 < limit else { return nil }
                if unsafe buffer[at + 1] != 0x22 {
                    if isEscaped { escapedFields.append(field) }
                    return at
                }
                isEscaped = true
                at += 2
            case 0x0A:
                lines += 1
                at += 1
            case 0 where !allowsQuotedNUL: try refuseBinary()
            default: at += 1
            }
        }
        return nil
    }

    private func undoubleQuotes(_ field: Int) {
        var from = unsafe bounds[2 * field]
        let end = unsafe bounds[2 * field + 1]
        var to = from
        while from < end {
            let byte = unsafe buffer[from]
            unsafe buffer[to] = byte
            to += 1
            from += byte == 0x22 ? 2 : 1
        }
        unsafe bounds[2 * field + 1] = to
    }

    private func refuseQuoting(at index: Int, lines: Int) throws(CSVError) {
        let line = nextLine + lines
        nextLine = line
        skipLine(from: index)
        throw CSVError(
            .quoting, file: name, line: line, "a quotation mark or carriage return in the middle of a field",
            remedy: "quote the whole field and double the quotation marks inside it")
    }
}
