import ColumnFormat

extension RelationSearch {
    /// Floats that are another column divided by, or times, a whole number that is no column.
    mutating func findRatios(_ targets: [ColumnSample], byteCounts: [Int: Int]) {
        for target in targets where target.shape.kind == .float {
            // A number takes a byte and more for each row.
            guard (byteCounts[target.position] ?? 0) > rowCount else { continue }
            for source in columns where source.position != target.position && !source.isConstant {
                for isProduct in [false, true] {
                    let exponent = source.shape.kind == .float && source.digits != nil ? source.exponent : nil
                    let isLikely = probe(target) { row in
                        isRatio(target, of: source, row, exponent: exponent, isProduct: isProduct)
                    }
                    guard isLikely else { continue }
                    let ratio = Relation.Ratio(exponent: exponent, isProduct: isProduct)
                    propose(Relation(sources: [source.position], form: .ratio(ratio)), for: target)
                }
            }
        }
    }

    private func isRatio(
        _ target: ColumnSample, of source: ColumnSample, _ row: Int, exponent: Int?, isProduct: Bool
    ) -> Bool {
        let wanted = target.numbers[row]
        let power = DecimalNode.powers[exponent ?? 0]
        let digits = exponent == nil ? source.numbers[row] : Double(source.digits![row])
        if digits == 0 { return wanted == 0 }
        let quotient = (isProduct ? wanted * power / digits : digits / (wanted * power)).rounded()
        // Any float is some fraction with a large denominator; that would be no discovery.
        guard quotient.magnitude >= 1, quotient.magnitude < 4_194_304 else { return false }
        let found = isProduct ? digits * quotient / power : digits / (quotient * power)
        return target.shape.byteWidth == 4 ? Float(found) == Float(wanted) : found == wanted
    }
}
