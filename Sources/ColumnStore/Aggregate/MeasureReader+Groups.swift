internal import ColumnEncoding
internal import ColumnFormat

/// Vectors whose rows belong to many groups: row by row.
extension MeasureReader {
    /// Adds each row of the cursor's vector that `mask` takes to the measurement of its group.
    func add(
        _ cursor: VectorCursor, mask: UnsafePointer<UInt8>?, groups: UnsafePointer<UInt32>,
        to results: UnsafeMutablePointer<Measurement>
    ) {
        var mask = unsafe mask
        if let validity = unsafe cursor.validity {
            if let given = unsafe mask {
                unsafe both.copy(given, count: cursor.count)
                unsafe both.formIntersection(validity, count: cursor.count)
                unsafe mask = UnsafePointer(both.bytes)
            } else {
                unsafe mask = validity
            }
        }
        let count = cursor.count
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            unsafe results[Int(groups[row])].count &+= 1
        }
        if measure.needs.isEmpty { return }
        if measure.type.byteWidth ?? 16 > 8 {
            for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                unsafe addBytes(cursor, row: row, to: &results[Int(groups[row])])
            }
            return
        }
        cursor.expand()
        if measure.needs.contains(.distinct) {
            for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
                let group = unsafe results + Int(groups[row])
                let sketch = unsafe group.pointee.distinct ?? DistinctSketch()
                unsafe group.pointee.distinct = sketch
                unsafe sketch.add(DistinctSketch.hash(bits(cursor.words, row)))
            }
        }
        if isReal {
            unsafe addReals(widenToDoubles(cursor, 0..<count), mask, groups, results, count)
        } else {
            unsafe addIntegers(widenToIntegers(cursor), mask, groups, results, count)
        }
        guard measure.needs.contains(.moments) || measure.needs.contains(.quantiles) else { return }
        let values = unsafe widenToDoubles(cursor, 0..<count)
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            let group = unsafe results + Int(groups[row])
            if measure.needs.contains(.moments) { unsafe group.pointee.moments.add(values[row]) }
            if measure.needs.contains(.quantiles) {
                let sketch = unsafe group.pointee.quantiles ?? QuantileSketch()
                unsafe group.pointee.quantiles = sketch
                unsafe sketch.add(values[row])
            }
        }
    }

    private func addBytes(_ cursor: VectorCursor, row: Int, to result: inout Measurement) {
        if measure.needs.contains(.distinct), result.distinct == nil { result.distinct = DistinctSketch() }
        if let texts = cursor.distinctTexts {
            unsafe add(texts.variableBytes(at: Int(cursor.narrow[row])), to: &result)
        } else if let texts = cursor.textRows {
            unsafe add(texts.variableBytes(at: row), to: &result)
        } else {
            let width = measure.type.byteWidth ?? 0
            unsafe add(UnsafeRawBufferPointer(start: cursor.words + row * width, count: width), to: &result)
        }
    }

    private func addReals(
        _ values: UnsafePointer<Double>, _ mask: UnsafePointer<UInt8>?, _ groups: UnsafePointer<UInt32>,
        _ results: UnsafeMutablePointer<Measurement>, _ count: Int
    ) {
        let needsSum = measure.needs.contains(.sum)
        let needsExtremes = measure.needs.contains(.extremes)
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            let group = unsafe results + Int(groups[row])
            let value = unsafe values[row]
            if needsSum { unsafe group.pointee.realSum.add(value) }
            guard needsExtremes else { continue }
            if value.isNaN {
                unsafe group.pointee.nanCount &+= 1
            } else {
                let key = OrderKey.of(value)
                unsafe group.pointee.lowKey = min(group.pointee.lowKey, key)
                unsafe group.pointee.highKey = max(group.pointee.highKey, key)
            }
        }
    }

    private func addIntegers(
        _ values: UnsafePointer<Int64>, _ mask: UnsafePointer<UInt8>?, _ groups: UnsafePointer<UInt32>,
        _ results: UnsafeMutablePointer<Measurement>, _ count: Int
    ) {
        let needsSum = measure.needs.contains(.sum)
        let needsExtremes = measure.needs.contains(.extremes)
        let isUnsigned = measure.type == .uint64
        for row in 0..<count where unsafe mask.map({ unsafe $0[row] != 0 }) ?? true {
            let group = unsafe results + Int(groups[row])
            let value = unsafe values[row]
            if needsSum {
                unsafe group.pointee.integerSum &+= isUnsigned ? Int128(UInt64(bitPattern: value)) : Int128(value)
            }
            guard needsExtremes else { continue }
            let key = isUnsigned ? OrderKey.of(UInt64(bitPattern: value)) : value
            unsafe group.pointee.lowKey = min(group.pointee.lowKey, key)
            unsafe group.pointee.highKey = max(group.pointee.highKey, key)
        }
    }
}
