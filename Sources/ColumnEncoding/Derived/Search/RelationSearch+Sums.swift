import ColumnFormat

extension RelationSearch {
    /// Sums of several columns with whole coefficients, constants and divisors: everything linear that holds exactly.
    ///
    /// As many rows as there are columns, and a few, are reduced by elimination modulo a prime. A column that then is a
    /// combination of those before it is one on these rows, with certainty; on the others the sample will say. Columns
    /// that cost more come later, so that they are expressed by those that cost less.
    mutating func findSums(_ targets: [ColumnSample], byteCounts: [Int: Int]) {
        let numeric = columns.filter { $0.digits != nil && !$0.isConstant }.sorted {
            (byteCounts[$0.position] ?? 0, $0.position) < (byteCounts[$1.position] ?? 0, $1.position)
        }
        let count = columns.first?.slice.count ?? 0
        guard numeric.count > 1, count > numeric.count + Self.spareRowCount else { return }
        // Nulls count as 0, which a sum with a constant does not give: other attempts look at rows without any.
        let all = Array(0..<count)
        let complete = all.filter { row in numeric.allSatisfy { !$0.slice.isNull(row) } }
        let isComplete = complete.count < count && complete.count > 2 * (numeric.count + Self.spareRowCount)
        var found: Set<[Int]> = []
        for attempt in 0..<(numeric.count > Self.manyColumns ? Self.attemptCount / 6 : Self.attemptCount) {
            let candidates = isComplete && attempt / 3 % 2 == 1 ? complete : all
            let rows = Self.rows(for: numeric, among: candidates, attempt: attempt)
            for (column, coefficients) in Self.combinations(of: numeric, rows: rows) {
                let target = numeric[column]
                guard targets.contains(where: { $0.position == target.position }) else { continue }
                guard let relation = Self.relation(target, numeric, coefficients) else { continue }
                guard found.insert([target.position] + relation.sources).inserted else { continue }
                propose(relation, for: target)
                if case .sum(var sum) = relation.form, sum.divisor == 1 || target.shape.kind == .float,
                    sum.decimalExponent == target.exponent
                {
                    sum.hasResidual = true
                    propose(Relation(sources: relation.sources, form: .sum(sum)), for: target)
                }
            }
        }
    }

    /// Rows beyond the number of unknowns, which make an accident unlikely.
    private static let spareRowCount = 6
    /// A subset of rows may hold an exception; several subsets hardly all do.
    private static let attemptCount = 36
    /// Elimination takes time with the cube of their number.
    private static let manyColumns = 24
    /// Of so many sampled rows, one that is not its column's usual value is rare.
    private static let rarity = 64

    /// Rows in which each column has a value that is not its usual one, and others spread over the sample. Such rows are
    /// often exceptions in other columns, too: one attempt in three wants them only where they are not rare, and one takes
    /// rows as they come.
    private static func rows(for columns: [ColumnSample], among candidates: [Int], attempt: Int) -> [Int] {
        let count = candidates.count
        var random = UInt64(attempt + 1) &* 0x9E37_79B9_7F4A_7C15
        func next() -> Int {
            random ^= random >> 27
            random &*= 0x3C79_AC49_2BA7_B653
            random ^= random >> 33
            return Int(random % UInt64(count))
        }
        var rows: [Int] = []
        for column in columns {
            let digits = column.digits!
            let usual = digits[candidates[count / 2]]
            let start = next()
            var row = start
            var steps = 0
            let limit = attempt % 3 == 0 ? count : attempt % 3 == 1 ? rarity : 0
            while digits[candidates[row]] == usual, steps < limit {
                row = (row + 1) % count
                steps += 1
            }
            rows.append(candidates[digits[candidates[row]] == usual ? start : row])
        }
        for _ in 0..<spareRowCount + 1 { rows.append(candidates[next()]) }
        return rows
    }

    /// The columns that are combinations of those before them, on some rows: coefficients of all columns and the constant.
    private static func combinations(of columns: [ColumnSample], rows: [Int]) -> [(column: Int, [UInt64])] {
        // The constant is the first column; it depends on none.
        let width = columns.count + 1
        var matrix = rows.map { row in
            [1] + columns.map { ModularField.element($0.digits![row]) }
        }
        var pivots: [Int] = []
        for column in 0..<width {
            let rank = pivots.count
            guard let row = (rank..<matrix.count).first(where: { matrix[$0][column] != 0 }) else { continue }
            matrix.swapAt(rank, row)
            let scale = ModularField.inverse(matrix[rank][column])
            for i in column..<width { matrix[rank][i] = ModularField.product(matrix[rank][i], scale) }
            let pivot = matrix[rank]
            for other in matrix.indices where other != rank && matrix[other][column] != 0 {
                let factor = matrix[other][column]
                for i in column..<width {
                    matrix[other][i] = ModularField.difference(
                        matrix[other][i], ModularField.product(factor, pivot[i]))
                }
            }
            pivots.append(column)
        }
        // Only a system with rows left over says anything.
        guard pivots.count < rows.count else { return [] }
        return (1..<width).filter { !pivots.contains($0) }.map { free in
            var coefficients = [UInt64](repeating: 0, count: width)
            for (rank, pivot) in pivots.enumerated() where pivot < free { coefficients[pivot] = matrix[rank][free] }
            return (free - 1, coefficients)
        }
    }

    /// The relation of these coefficients, if they are fractions of small numbers.
    private static func relation(
        _ target: ColumnSample, _ columns: [ColumnSample], _ coefficients: [UInt64]
    ) -> Relation? {
        var fractions: [(numerator: Int64, denominator: Int64)] = []
        var denominator: Int64 = 1
        for coefficient in coefficients {
            guard let fraction = ModularField.fraction(coefficient) else { return nil }
            fractions.append(fraction)
            let (multiple, overflow) = denominator.multipliedReportingOverflow(
                by: fraction.denominator / greatestCommonDivisor(denominator, fraction.denominator))
            if overflow || multiple > 1 << 40 { return nil }
            denominator = multiple
        }
        let used = columns.indices.filter { fractions[$0 + 1].numerator != 0 }
        guard !used.isEmpty, used.count <= Relation.maximumSourceCount else { return nil }
        var sum = Relation.Sum(terms: [])
        var factors: [Int64] = []
        for index in [-1] + used {
            let fraction = fractions[index + 1]
            let (factor, overflow) = fraction.numerator.multipliedReportingOverflow(
                by: denominator / fraction.denominator)
            if overflow { return nil }
            factors.append(factor)
        }
        let unit = target.shape.kind == .float ? Int64(DecimalNode.powers[target.exponent]) : 1
        let (divisor, overflow) = denominator.multipliedReportingOverflow(by: unit)
        if overflow { return nil }
        // A divisor that is a power of ten stays one: it is the unit of what may be stored for a row.
        let common = factors.reduce(denominator) { greatestCommonDivisor($0, $1) }
        sum.divisor = divisor / common
        sum.constant = factors[0] / common
        for (place, index) in used.enumerated() {
            sum.terms.append(
                .init(
                    exponent: columns[index].shape.kind == .float ? columns[index].exponent : 0,
                    coefficient: factors[place + 1] / common))
        }
        return Relation(sources: used.map { columns[$0].position }, form: .sum(sum))
    }

    private static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (a, b) = (a.magnitude, b.magnitude)
        while b != 0 { (a, b) = (b, a % b) }
        return Int64(a)
    }

    // MARK: A few columns and a little more

    /// Columns that lie close to another one, or to a sum of others: an end to its beginning, a total to its parts. One
    /// source after the other is taken away, the one that leaves least, as long as that saves bits: also where not even the
    /// whole sum holds for all rows that an elimination looks at.
    mutating func findResiduals(_ targets: [ColumnSample], byteCounts: [Int: Int]) {
        for target in targets {
            guard let wanted = target.digits, (byteCounts[target.position] ?? 0) > rowCount else { continue }
            guard target.shape.kind != .bit else { continue }
            var rest = stride(from: 0, to: wanted.count, by: Self.residualStride(wanted.count)).map { wanted[$0] }
            var width = Self.width(rest)
            var terms: [(source: ColumnSample, coefficient: Int64)] = []
            while terms.count < Relation.maximumSourceCount {
                // The first source has to be worth a relation; others make it a little longer.
                let least = terms.isEmpty ? 2 * rest.count : rest.count / 4
                guard let next = closest(to: rest, of: target, beside: terms.map(\.source.position)),
                    next.width + least <= width
                else { break }
                terms.append((next.source, next.coefficient))
                rest = next.rest
                width = next.width
                // On their way to the whole sum parts of it may be worse than their last number alone.
                if terms.count == 1 { proposeSum(of: terms, for: target) }
            }
            if terms.count > 1 { proposeSum(of: terms, for: target) }
        }
    }

    /// Rows of a sample that show how wide differences are.
    private static func residualStride(_ count: Int) -> Int { max(1, count / 256) }

    private typealias Step = (source: ColumnSample, coefficient: Int64, rest: [Int64], width: Int)

    /// The source that is taken away, or added, with the least rest.
    private func closest(to rest: [Int64], of target: ColumnSample, beside taken: [Int]) -> Step? {
        var best: Step?
        for source in columns
        where source.position != target.position && !source.isConstant && !taken.contains(source.position) {
            guard let digits = source.digits, source.exponent <= target.exponent else { continue }
            // A time is near another time, and the rest a span: no time any more.
            guard (source.type == .timestamp) == (target.type == .timestamp && taken.isEmpty) else { continue }
            let unit = Int64(DecimalNode.powers[target.exponent - source.exponent])
            let step = Self.residualStride(digits.count)
            for coefficient in taken.isEmpty ? [unit] : [unit, -unit] {
                let left = rest.indices.map { rest[$0] &- coefficient &* digits[$0 * step] }
                let width = Self.width(left)
                if width < best?.width ?? Int.max { best = (source, coefficient, left, width) }
            }
        }
        return best
    }

    private mutating func proposeSum(
        of terms: [(source: ColumnSample, coefficient: Int64)], for target: ColumnSample
    ) {
        var sum = Relation.Sum(
            terms: terms.map { .init(exponent: $0.source.exponent, coefficient: $0.coefficient) })
        sum.divisor = Int64(DecimalNode.powers[target.exponent])
        sum.hasResidual = true
        propose(Relation(sources: terms.map(\.source.position), form: .sum(sum)), for: target)
    }

    /// Bits of all differences from a usual value: the middle one of nine.
    private static func width(_ values: [Int64]) -> Int {
        let middle = (0..<9).map { values[$0 * values.count / 9] }.sorted()[4]
        var sum = 0
        for value in values {
            let difference = value &- middle
            sum += 64 - (difference ^ (difference >> 63)).leadingZeroBitCount
        }
        return sum
    }
}
