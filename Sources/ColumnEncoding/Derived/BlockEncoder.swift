package import ColumnFormat

/// Encodes the columns of the blocks of one segment, one block after the other. A column that follows from others is kept
/// as the relation, where that is clearly smaller than its values.
///
/// Relations are looked for in the first block, on a sample; later blocks try those that were found. Every relation is
/// held against every row of its block. The bytes are a function of the rows and the options alone.
package struct BlockEncoder {
    private let names: [String]
    private let options: EncodingOptions
    /// What was found, in the order in which it was taken; nil before the first block.
    private var found: [Finding]?

    /// A relation that a block was encoded with.
    private struct Finding {
        let target: Int
        var relation: Relation
        /// Bytes of the column's values, as they are and as the relation, and rows of that block.
        let ownByteCount: Int
        let byteCount: Int
        let rowCount: Int
    }

    /// `names` are those of the columns, for people.
    package init(names: [String], options: EncodingOptions = EncodingOptions()) {
        self.names = names
        self.options = options
    }

    /// The pages of a block: one slice a column, all of the same 1…65,536 rows.
    package mutating func encode(_ columns: [ColumnSlice]) -> [EncodedPage] {
        var pages: [EncodedPage]
        if let found {
            pages = encode(columns, trying: found)
        } else {
            pages = columns.map { PageEncoder.encode($0, options: options) }
            found = search(columns, &pages)
        }
        shareValidity(columns, &pages)
        return pages
    }

    /// Columns that are null in the same rows keep these once: with the first of them that is not derived.
    private func shareValidity(_ columns: [ColumnSlice], _ pages: inout [EncodedPage]) {
        var keepers: [Int] = []
        for isDerived in [false, true] {
            for column in pages.indices where pages[column].references.sources.isEmpty != isDerived {
                guard pages[column].validityByteCount >= Self.sharingLimit else { continue }
                let keeper = keepers.first { keeper in
                    pages[keeper].validityByteCount == pages[column].validityByteCount
                        && columns[keeper].isNull(asIn: columns[column])
                }
                if let keeper {
                    pages[column].shareValidity(of: keeper, name: names[keeper])
                } else if !isDerived {
                    keepers.append(column)
                }
            }
        }
    }

    /// Bytes of validity that are not worth another page to open.
    private static let sharingLimit = 64

    // MARK: The first block

    private func search(_ columns: [ColumnSlice], _ pages: inout [EncodedPage]) -> [Finding] {
        let rowCount = columns[0].count
        var byteCounts: [Int: Int] = [:]
        for (column, page) in pages.enumerated()
        where page.valueByteCount > Self.margin(page.valueByteCount, rowCount) {
            byteCounts[column] = page.valueByteCount
        }
        guard !byteCounts.isEmpty else { return [] }
        let runs = Sample.runs(of: rowCount)
        let samples = columns.enumerated().compactMap { ColumnSample($0.element, position: $0.offset, runs: runs) }
        let proposals = RelationSearch.proposals(
            among: samples, byteCounts: byteCounts, rowCount: rowCount, options: options)
        var findings: [Finding] = []
        var (derived, used): (Set<Int>, Set<Int>) = ([], [])
        var attempts: [Int: Int] = [:]
        for proposal in proposals {
            let own = pages[proposal.target].valueByteCount
            guard !derived.contains(proposal.target), !used.contains(proposal.target),
                derived.isDisjoint(with: proposal.relation.sources),
                proposal.byteCount + Self.margin(own, rowCount) <= own,
                attempts[proposal.target, default: 0] < Self.attemptLimit
            else { continue }
            attempts[proposal.target, default: 0] += 1
            let relation = fitted(proposal.relation, proposal.target, columns)
            guard
                let page = PageEncoder.encode(
                    columns[proposal.target], as: relation, columns: columns, names: names, options: options),
                page.valueByteCount + Self.margin(own, rowCount) <= own
            else { continue }
            pages[proposal.target] = page
            derived.insert(proposal.target)
            used.formUnion(relation.sources)
            findings.append(
                Finding(
                    target: proposal.target, relation: relation, ownByteCount: own, byteCount: page.valueByteCount,
                    rowCount: rowCount))
        }
        return findings
    }

    /// Relations that are held against all rows of one column: the sample's size of the first is seldom wrong.
    private static let attemptLimit = 2

    /// Bytes that a relation must save: it costs every reader the pages of other columns.
    private static func margin(_ ownByteCount: Int, _ rowCount: Int) -> Int {
        max(64, rowCount / 32, ownByteCount / 8)
    }

    private func fitted(_ relation: Relation, _ target: Int, _ columns: [ColumnSlice]) -> Relation {
        guard case .steps(let steps) = relation.form else { return relation }
        let fitted = steps.fitted(to: columns[target], along: columns[relation.sources[0]])
        return Relation(sources: relation.sources, form: .steps(fitted))
    }

    // MARK: Later blocks

    private mutating func encode(_ columns: [ColumnSlice], trying findings: [Finding]) -> [EncodedPage] {
        var pages = [EncodedPage?](repeating: nil, count: columns.count)
        for (index, finding) in findings.enumerated() {
            let rowCount = columns[finding.target].count
            let expected = finding.ownByteCount * rowCount / finding.rowCount
            let relation = fitted(finding.relation, finding.target, columns)
            let page = PageEncoder.encode(
                columns[finding.target], as: relation, columns: columns, names: names, options: options)
            guard let page, page.valueByteCount + Self.margin(expected, rowCount) <= expected else { continue }
            if page.valueByteCount > max(expected / 2, finding.byteCount * rowCount / finding.rowCount * 9 / 8) {
                // Not so small, and not so much as it was, that the column's own page need not be made.
                let own = PageEncoder.encode(columns[finding.target], options: options)
                let isSmaller =
                    page.valueByteCount + Self.margin(own.valueByteCount, rowCount) <= own.valueByteCount
                pages[finding.target] = isSmaller ? page : own
                if !isSmaller { continue }
            } else {
                pages[finding.target] = page
            }
            found?[index].relation = relation
        }
        return zip(columns, pages).map { $1 ?? PageEncoder.encode($0, options: options) }
    }
}

extension ColumnSlice {
    /// Whether another slice has nulls in the same rows.
    fileprivate func isNull(asIn other: ColumnSlice) -> Bool {
        guard let own = unsafe validityPointer, let theirs = unsafe other.validityPointer, count == other.count else {
            return false
        }
        return unsafe ByteOrder.isEqual(
            UnsafeRawBufferPointer(start: own, count: count), UnsafeRawBufferPointer(start: theirs, count: count))
    }
}
