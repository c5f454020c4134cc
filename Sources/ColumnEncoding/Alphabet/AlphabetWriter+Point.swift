/// One text.
extension AlphabetWriter {
    /// Calls `body` with each unit and its entry in the table, for a number below `product`; ends where it returns
    /// false, which is then the result.
    @inline(__always)
    private func forEachEntry(of number: UInt64, _ body: (Unit, UInt16) -> Bool) -> Bool {
        var rest = number
        for index in stride(from: chunks.count - 1, through: 0, by: -1) {
            let chunk = chunks[index]
            var fraction: UInt64
            if index > 0 {
                let quotient = rest.multipliedFullWidth(by: chunk.reciprocal).high &>> chunk.shift
                fraction = (rest &- quotient &* chunk.product) &* chunk.scale
                rest = quotient
            } else {
                fraction = rest &* chunk.scale
            }
            for position in chunk.units {
                let unit = units[position]
                let digit = Self.takeDigit(&fraction, radix: unit.radix)
                guard body(unit, table[unit.entries &+ digit]) else { return false }
            }
        }
        return true
    }

    /// Writes the group's bytes of the text that `number` stands for; how many optional ones it has.
    func write(_ number: UInt64, to text: UnsafeMutableRawPointer) -> Int {
        var optionalCount = 0
        _ = forEachEntry(of: number) { unit, entry in
            if unit.kind == .pair {
                unsafe text.storeBytes(of: entry.littleEndian, toByteOffset: unit.index, as: UInt16.self)
            } else {
                unsafe text.storeBytes(
                    of: UInt8(truncatingIfNeeded: entry), toByteOffset: unit.index, as: UInt8.self)
                if unit.kind == .optional { optionalCount &+= Int(entry &>> 8) }
            }
            return true
        }
        return optionalCount
    }

    /// Whether the group's bytes of the text that `number` stands for are those of `text`, which leaves out the first
    /// `missing` of the optional positions from `prefix` on.
    func isEqual(_ number: UInt64, to text: UnsafeRawPointer, prefix: Int, missing: Int) -> Bool {
        forEachEntry(of: number) { unit, entry in
            if unit.kind == .optional, unit.index < prefix &+ missing { return entry == 0 }
            let offset = unit.index < prefix ? unit.index : unit.index &- missing
            switch unit.kind {
            case .pair:
                return unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt16.self).littleEndian == entry
            case .single: return unsafe UInt16(text.load(fromByteOffset: offset, as: UInt8.self)) == entry
            case .optional:
                return unsafe UInt16(text.load(fromByteOffset: offset, as: UInt8.self)) | 0x100 == entry
            }
        }
    }
}
