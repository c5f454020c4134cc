import ColumnFormat

extension FsstNode {
    struct Analysis {
        let table: SymbolTable
        /// Bytes of the node, judged from the sample.
        let byteCount: Int
    }

    /// The symbols of a sample, and what the texts would take with them. About two milliseconds, whatever there is.
    static func analyze(_ input: TextInput) -> Analysis? {
        // A table takes about a thousand bytes.
        guard input.heapByteCount >= 2_048 else { return nil }
        let sample = SymbolSample(input)
        guard sample.byteCount > 0 else { return nil }
        let table = SymbolTraining.table(for: sample)
        let codeByteCount = SymbolTraining.codeByteCount(of: sample, with: table)
        let headerByteCount = 16 + table.symbols.reduce(0) { $0 + 1 + $1.length }
        let codes = Double(codeByteCount) / Double(sample.byteCount) * Double(input.heapByteCount)
        return Analysis(table: table, byteCount: headerByteCount + Int(codes) + input.count / 2)
    }

    static func encode(
        _ input: TextInput, analysis: Analysis, depth: Int, options: EncodingOptions
    ) -> EncodedNode {
        let table = analysis.table
        var writer = ByteWriter(reservingCapacity: analysis.byteCount + 1_024)
        writer.append(code: .fsst)
        writer.append(UInt8(table.symbols.count))
        for symbol in table.symbols { writer.append(UInt8(symbol.length)) }
        for symbol in table.symbols {
            for position in 0..<symbol.length {
                writer.append(UInt8(truncatingIfNeeded: symbol.word >> UInt64(8 * position)))
            }
        }
        for vector in 0..<PageLimits.vectorCount(input.count) {
            let first = vector * PageLimits.vectorRowCount
            let last = first + PageLimits.valueCount(ofVector: vector, of: input.count)
            writer.append(UInt32(input.byteCount(ofRows: first..<last)))
        }
        let codes = codes(of: input, with: SymbolMatcher(table))
        let node = withExtendedLifetime(codes) {
            PlainTextNode.encode(TextInput(codes), options: options.withoutCompression, depth: depth + 1)
        }
        writer.append(bytes: node.bytes)
        return EncodedNode(bytes: writer.bytes, name: "fsst(\(node.name))")
    }

    private static func codes(of input: TextInput, with matcher: SymbolMatcher) -> ColumnSlice {
        let builder = ColumnBuilder(type: .bytes, capacity: input.count)
        builder.reserve(heapByteCount: input.heapByteCount / 2)
        var room = 0
        var scratch = RawBuffer(byteCapacity: 0)
        for row in 0..<input.count {
            let text = unsafe input.bytes(at: row)
            guard let source = text.baseAddress else {
                unsafe builder.append(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
                continue
            }
            // The text with zeros to read behind it, and its codes.
            let textRoom = text.count + 8
            if textRoom + 2 * text.count > room {
                room = 2 * (textRoom + 2 * text.count)
                scratch = RawBuffer(byteCapacity: room)
            }
            unsafe scratch.base.copyMemory(from: source, byteCount: text.count)
            let codes = unsafe (scratch.base + textRoom).assumingMemoryBound(to: UInt8.self)
            let codeCount = unsafe matcher.encode(scratch.base, count: text.count, to: codes)
            unsafe builder.append(bytes: UnsafeRawBufferPointer(start: codes, count: codeCount))
            withExtendedLifetime(scratch) {}
        }
        return builder.snapshot()
    }
}
