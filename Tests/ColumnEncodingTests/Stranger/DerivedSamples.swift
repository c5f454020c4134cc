import ColumnFormat

@testable import ColumnEncoding

extension RelationTests {
    /// Blocks whose last column follows from the others, on values that are hard on arithmetic.
    static func samples(target: ColumnType, source: ColumnType) -> [(block: TestBlock, relation: Relation)] {
        let isFloat = target.fixedShape?.kind == .float
        let steps = Relation.Steps(
            thresholds: [-3, -0.0, 0.5, 2, 1e15], values: target == .bool ? [0, 1, 0, 1, 1, 0] : [1, 7, 9, 2, 3, 4])
        let all = forms + [(.steps(steps), 1)]
        return all.enumerated().compactMap { index, form in
            switch form.0 {
            case .steps: break
            case _ where target == .bool: return nil
            case .arithmetic, .ratio: if !isFloat { return nil }
            case .period: if source.fixedShape?.kind == .float { return nil }
            case .sum(let sum): if sum.hasResidual && (isFloat || sum.divisor != 1) { return nil }
            }
            var block = block(
                Array(repeating: source, count: form.sourceCount), target, count: counts[index % counts.count],
                seed: UInt64(index))
            let relation = Relation(sources: Array(0..<form.sourceCount), form: form.0)
            block.columns[form.sourceCount] = results(of: relation, in: block)
            return (block, relation)
        }
    }
}
