import ColumnFormat

extension RelationSearch {
    /// One column that equals another, and a + b, a − b, |a − b|, a · b, a ÷ b of two.
    mutating func findPairs(_ targets: [ColumnSample]) {
        let sources = columns.filter { !$0.isConstant }
        for target in targets {
            for (i, first) in sources.enumerated() where first.position != target.position {
                if target.shape.kind == .float, probe(target, { isClose(target.numbers[$0], first.numbers[$0]) }) {
                    propose(Relation(sources: [first.position], form: .arithmetic(.same)), for: target)
                }
                for second in sources[(i + 1)...] where second.position != target.position {
                    findPair(target, first, second)
                }
            }
        }
    }

    private mutating func findPair(_ target: ColumnSample, _ first: ColumnSample, _ second: ColumnSample) {
        // One row with a value other than zero excludes nearly all operations of nearly all pairs.
        guard let row = probes.first(where: { target.numbers[$0] != 0 }) else { return }
        for operation in Relation.Arithmetic.allCases where operation != .same {
            for isReversed in [false, true] {
                if isReversed, operation == .plus || operation == .times || operation == .distance { continue }
                let (a, b) = isReversed ? (second, first) : (first, second)
                // A few exceptions may be among the first rows, so a second one has its say.
                let isLikely = isClose(target.numbers[row], operation.result(a.numbers[row], b.numbers[row]))
                let other = probes[probes.count / 2]
                guard
                    isLikely || isClose(target.numbers[other], operation.result(a.numbers[other], b.numbers[other])),
                    probe(target, { isClose(target.numbers[$0], operation.result(a.numbers[$0], b.numbers[$0])) })
                else { continue }
                propose(operation, of: a, b, for: target)
            }
        }
    }

    /// In floating-point arithmetic for floats, and in that of the digits, which is what rounded decimals follow.
    private mutating func propose(
        _ operation: Relation.Arithmetic, of a: ColumnSample, _ b: ColumnSample, for target: ColumnSample
    ) {
        let sources = [a.position, b.position]
        if target.shape.kind == .float {
            propose(Relation(sources: sources, form: .arithmetic(operation)), for: target)
        }
        guard operation != .times, operation != .divided, target.shape.kind != .bit, a.digits != nil, b.digits != nil
        else { return }
        let exponent = max(a.exponent, b.exponent, target.shape.kind == .float ? target.exponent : 0)
        guard target.shape.kind == .float || exponent == 0 else { return }
        let terms = [a, b].map { source in
            Relation.Sum.Term(
                exponent: source.exponent, coefficient: Int64(DecimalNode.powers[exponent - source.exponent]))
        }
        var sum = Relation.Sum(terms: terms)
        sum.divisor = Int64(DecimalNode.powers[exponent])
        if operation != .plus { sum.terms[1].coefficient *= -1 }
        sum.isAbsolute = operation == .distance
        propose(Relation(sources: sources, form: .sum(sum)), for: target)
    }

    /// Equal but for what rounding may have done to either.
    @inline(__always)
    func isClose(_ a: Double, _ b: Double) -> Bool {
        a == b || (a - b).magnitude <= 1e-6 * max(a.magnitude, b.magnitude)
    }
}

extension Relation.Arithmetic {
    @inline(__always)
    func result(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .plus: a + b
        case .minus: a - b
        case .distance: (a - b).magnitude
        case .times: a * b
        case .divided: a / b
        case .same: a
        }
    }
}
