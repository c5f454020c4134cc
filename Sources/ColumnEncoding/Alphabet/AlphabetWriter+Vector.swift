/// The texts of a vector.
///
/// Each kernel goes through the rows with the units' radices and tables in registers.
extension AlphabetWriter {
    /// Where the texts of a vector go.
    @safe
    struct Target {
        let texts: UnsafeMutableRawPointer
        /// The way from one text to the next.
        let stride: Int
        let count: Int
        /// How many optional bytes each text has, to be added to; there where the group has optional positions.
        let optionalCounts: UnsafeMutablePointer<UInt16>?
    }

    /// Writes the bytes that `numbers`, each below `product`, stand for. Uses up the numbers; `fractions` has room for as
    /// many.
    func write(
        _ numbers: UnsafeMutablePointer<UInt64>, fractions: UnsafeMutablePointer<UInt64>, to target: Target
    ) {
        unsafe table.withUnsafeBufferPointer { table in
            for index in stride(from: chunks.count - 1, through: 0, by: -1) {
                let chunk = chunks[index]
                if index > 0 {
                    unsafe Self.divide(numbers, by: chunk, fractions: fractions, count: target.count)
                } else {
                    for i in 0..<target.count { unsafe fractions[i] = numbers[i] &* chunk.scale }
                }
                unsafe write(chunk, fractions, table.baseAddress!, to: target)
            }
        }
    }

    /// Leaves the quotients in `numbers`, and the remainders as fractions.
    private static func divide(
        _ numbers: UnsafeMutablePointer<UInt64>, by chunk: Chunk, fractions: UnsafeMutablePointer<UInt64>, count: Int
    ) {
        for i in 0..<count {
            let number = unsafe numbers[i]
            let quotient = number.multipliedFullWidth(by: chunk.reciprocal).high &>> chunk.shift
            unsafe numbers[i] = quotient
            unsafe fractions[i] = (number &- quotient &* chunk.product) &* chunk.scale
        }
    }

    private func write(
        _ chunk: Chunk, _ fractions: UnsafeMutablePointer<UInt64>, _ table: UnsafePointer<UInt16>, to target: Target
    ) {
        var unit = chunk.units.lowerBound
        if chunk.isPairs {
            while chunk.units.upperBound - unit >= 2 {
                let (a, b) = (units[unit], units[unit + 1])
                if chunk.units.upperBound - unit == 3 {
                    unsafe writeTriple(a, b, units[unit + 2], fractions, table, target)
                    return
                }
                unsafe writeDouble(a, b, fractions, table, target)
                unit += 2
            }
        }
        for unit in unit..<chunk.units.upperBound { unsafe write(units[unit], fractions, table, target) }
    }

    /// Takes the first digit off a fraction.
    @inline(__always)
    static func takeDigit(_ fraction: inout UInt64, radix: UInt64) -> Int {
        let product = fraction.multipliedFullWidth(by: radix)
        fraction = product.low
        return Int(truncatingIfNeeded: product.high)
    }

    @inline(__always)
    private func takePair(
        _ fraction: inout UInt64, _ unit: Unit, _ entries: UnsafePointer<UInt16>, _ text: UnsafeMutableRawPointer
    ) {
        let digit = Self.takeDigit(&fraction, radix: unit.radix)
        unsafe text.storeBytes(of: entries[digit].littleEndian, toByteOffset: unit.index, as: UInt16.self)
    }

    private func writeTriple(
        _ a: Unit, _ b: Unit, _ c: Unit, _ fractions: UnsafeMutablePointer<UInt64>, _ table: UnsafePointer<UInt16>,
        _ target: Target
    ) {
        let (first, second, third) = unsafe (table + a.entries, table + b.entries, table + c.entries)
        var text = unsafe target.texts
        for i in 0..<target.count {
            var fraction = unsafe fractions[i]
            unsafe takePair(&fraction, a, first, text)
            unsafe takePair(&fraction, b, second, text)
            unsafe takePair(&fraction, c, third, text)
            unsafe text += target.stride
        }
    }

    private func writeDouble(
        _ a: Unit, _ b: Unit, _ fractions: UnsafeMutablePointer<UInt64>, _ table: UnsafePointer<UInt16>,
        _ target: Target
    ) {
        let (first, second) = unsafe (table + a.entries, table + b.entries)
        var text = unsafe target.texts
        for i in 0..<target.count {
            var fraction = unsafe fractions[i]
            unsafe takePair(&fraction, a, first, text)
            unsafe takePair(&fraction, b, second, text)
            unsafe fractions[i] = fraction
            unsafe text += target.stride
        }
    }

    private func write(
        _ unit: Unit, _ fractions: UnsafeMutablePointer<UInt64>, _ table: UnsafePointer<UInt16>, _ target: Target
    ) {
        let entries = unsafe table + unit.entries
        var text = unsafe target.texts
        switch unit.kind {
        case .pair:
            for i in 0..<target.count {
                unsafe takePair(&fractions[i], unit, entries, text)
                unsafe text += target.stride
            }
        case .single:
            for i in 0..<target.count {
                let digit = unsafe Self.takeDigit(&fractions[i], radix: unit.radix)
                let byte = unsafe UInt8(truncatingIfNeeded: entries[digit])
                unsafe text.storeBytes(of: byte, toByteOffset: unit.index, as: UInt8.self)
                unsafe text += target.stride
            }
        case .optional:
            guard let optionalCounts = unsafe target.optionalCounts else { return }
            for i in 0..<target.count {
                let digit = unsafe Self.takeDigit(&fractions[i], radix: unit.radix)
                let entry = unsafe entries[digit]
                unsafe text.storeBytes(
                    of: UInt8(truncatingIfNeeded: entry), toByteOffset: unit.index, as: UInt8.self)
                unsafe optionalCounts[i] &+= entry &>> 8
                unsafe text += target.stride
            }
        }
    }
}
