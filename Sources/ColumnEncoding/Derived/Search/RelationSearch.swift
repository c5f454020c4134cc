import ColumnFormat

/// Looks for relations among the columns of a block on a deterministic sample of its rows: 1,024 of them.
///
/// What it proposes is only a guess with a size; ``BlockEncoder`` holds it against every row. Most guesses fall on the
/// first of a few rows that are looked at before any others, so that hundreds of pairs of columns cost microseconds.
struct RelationSearch {
    /// A relation that the sample follows.
    struct Proposal {
        let target: Int
        let relation: Relation
        /// Bytes that the page is likely to take.
        let byteCount: Int
    }

    /// Columns that are looked at together: relations are between neighbours.
    static let windowLength = 64

    let columns: [ColumnSample]
    /// Rows of the block, of which the sample is a part.
    let rowCount: Int
    let options: EncodingOptions
    /// Sampled rows that a guess must meet before any others.
    let probes: [Int]
    private(set) var proposals: [Proposal] = []

    init(_ columns: [ColumnSample], rowCount: Int, options: EncodingOptions) {
        self.columns = columns
        self.rowCount = rowCount
        self.options = options
        let count = columns.first?.slice.count ?? 0
        probes = (0..<min(Self.probeCount, count)).map { ($0 * 2 + 1) * count / (2 * min(Self.probeCount, count)) }
    }

    static let probeCount = 16
    /// Probes that may miss: rows may be exceptions.
    static let missLimit = 3

    /// Proposals for the columns whose own pages take `byteCounts`; those that are nil are not targets.
    static func proposals(
        among columns: [ColumnSample], byteCounts: [Int: Int], rowCount: Int, options: EncodingOptions
    ) -> [Proposal] {
        var all: [Proposal] = []
        for start in stride(from: 0, to: columns.count, by: windowLength) {
            let window = Array(columns[start..<min(start + windowLength, columns.count)])
            var search = RelationSearch(window, rowCount: rowCount, options: options)
            let targets = window.filter { byteCounts[$0.position] != nil && !$0.isConstant }
            guard !targets.isEmpty else { continue }
            search.findPeriods(targets)
            search.findPairs(targets)
            search.findSums(targets, byteCounts: byteCounts)
            search.findResiduals(targets, byteCounts: byteCounts)
            search.findRatios(targets, byteCounts: byteCounts)
            search.findSteps(targets)
            search.findParts(targets, byteCounts: byteCounts)
            all += search.proposals
        }
        // A stable order: the greatest saving first, then the simpler relation, then the column's place. A total is asked
        // for more often than its parts: it is kept where a part saves half as much.
        func saving(_ proposal: Proposal) -> Int {
            let saved = (byteCounts[proposal.target] ?? 0) - proposal.byteCount
            return proposal.relation.isTotal ? saved / 2 : saved
        }
        return all.enumerated().sorted {
            (-saving($0.element), $0.element.relation.sources.count, $0.offset)
                < (-saving($1.element), $1.element.relation.sources.count, $1.offset)
        }.map(\.element)
    }

    /// Proposes `relation` if the sample follows it, but for an eighth of its rows. `missCount` sampled rows more are
    /// likely to be exceptions, if others than those that show the relation are looked at.
    mutating func propose(_ relation: Relation, for target: ColumnSample, missCount: Int = 0) {
        let sources = relation.sources.map { position in columns.first { $0.position == position }!.slice }
        var fit = RelationFit(relation, target: target.slice, shape: target.shape, sources: sources)
        guard fit.run(patchLimit: target.slice.count / 8) else { return }
        let patchCount = fit.patches.count + missCount
        var byteCount = 24 + patchCount * (2 + target.shape.byteWidth) * rowCount / target.slice.count
        if case .steps(let steps) = relation.form { byteCount += steps.thresholds.count * (8 + target.shape.byteWidth) }
        if let residual = fit.residual {
            let node = withExtendedLifetime(residual.owner) {
                FixedEncoder.encode(residual, depth: 1, options: options)
            }
            // A sample needs more bits a row than all rows do: tables and what else there is once.
            byteCount += node.byteCount * rowCount / target.slice.count * 7 / 8
        }
        proposals.append(
            Proposal(target: target.position, relation: relation, byteCount: byteCount))
    }

    /// Turns totals around: the part that costs most is what the total leaves without the other parts.
    mutating func findParts(_ targets: [ColumnSample], byteCounts: [Int: Int]) {
        var found: Set<[Int]> = []
        for proposal in proposals where proposal.relation.isTotal {
            guard case .sum(let sum) = proposal.relation.form,
                let total = columns.first(where: { $0.position == proposal.target }),
                let place = proposal.relation.sources.indices.max(by: { left, right in
                    byteCounts[proposal.relation.sources[left]] ?? 0 < byteCounts[proposal.relation.sources[right]] ?? 0
                }),
                let part = targets.first(where: { $0.position == proposal.relation.sources[place] }),
                let rest = sum.turned(around: place, total: total)
            else { continue }
            var sources = proposal.relation.sources
            sources[place] = proposal.target
            guard found.insert([part.position] + sources + [sum.hasResidual ? 1 : 0]).inserted else { continue }
            propose(Relation(sources: sources, form: .sum(rest)), for: part)
        }
    }

    /// Whether all probes but a few meet `condition`.
    @inline(__always)
    func probe(_ target: ColumnSample, _ condition: (Int) -> Bool) -> Bool {
        var misses = 0
        for row in probes where !target.slice.isNull(row) && !condition(row) {
            misses += 1
            if misses > Self.missLimit { return false }
        }
        return true
    }
}

extension Relation {
    /// Whether this is what several others come to together.
    fileprivate var isTotal: Bool {
        guard case .sum(let sum) = form else { return false }
        return sum.terms.count >= 3 && !sum.isAbsolute && sum.terms.allSatisfy { $0.coefficient > 0 }
    }
}

extension Relation.Sum {
    /// What term `place` is, if the sum is `total`, which takes its place; nil where that is no whole number of its units.
    fileprivate func turned(around place: Int, total: ColumnSample) -> Relation.Sum? {
        let exponent = decimalExponent
        guard exponent == total.exponent, total.shape.kind == .float, terms[place].exponent <= total.exponent,
            terms[place].coefficient == Int64(DecimalNode.powers[total.exponent - terms[place].exponent])
        else { return nil }
        var rest = self
        rest.constant = 0 &- constant
        for index in terms.indices { rest.terms[index].coefficient = 0 &- terms[index].coefficient }
        rest.terms[place] = Term(exponent: total.exponent, coefficient: 1)
        return rest
    }
}
