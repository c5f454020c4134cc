import ColumnFormat

extension Relation.Steps {
    /// The same steps with thresholds that fit all rows: a sample shows only between which two of its numbers each lies.
    /// O(rows · log steps).
    func fitted(to target: ColumnSlice, along source: ColumnSlice) -> Relation.Steps {
        guard let shape = target.type.fixedShape, let sourceShape = source.type.fixedShape else { return self }
        // The greatest number on each step, and the rows that seem to lie on the step above theirs.
        var highest = [Double](repeating: -.infinity, count: values.count)
        var strays: [(step: Int, number: Double)] = []
        let capacity = PageLimits.vectorRowCount
        let table = StepsTable(self, shape)
        let scratch = DerivedScratch(count: 3)
        let numbers = unsafe scratch.pieces[1].assumingMemoryBound(to: Double.self)
        let steps = unsafe scratch.pieces[2].assumingMemoryBound(to: UInt32.self)
        let wanted = unsafe target.rawPointer(at: 0)
        for first in stride(from: 0, to: target.count, by: capacity) {
            let count = min(capacity, target.count - first)
            unsafe scratch.pieces[0].copyMemory(
                from: source.rawPointer(at: first), byteCount: count * sourceShape.byteWidth)
            unsafe SourceReading.numbers(scratch.readable[0], sourceShape, count, to: numbers)
            unsafe table.numbers(of: UnsafePointer(numbers), count, to: steps)
            for i in 0..<count where !target.isNull(first + i) {
                let number = unsafe numbers[i]
                let value = unsafe shape.word(at: first + i, of: wanted)
                let step = unsafe Int(steps[i])
                if values[step] == value {
                    if number > highest[step] { highest[step] = number }
                } else if step + 1 < values.count, values[step + 1] == value {
                    strays.append((step, number))
                }
            }
        }
        var fitted = self
        for stray in strays where stray.number > highest[stray.step] && stray.number < fitted.thresholds[stray.step] {
            if stray.step > 0, stray.number <= fitted.thresholds[stray.step - 1] { continue }
            fitted.thresholds[stray.step] = stray.number
        }
        return fitted
    }
}
