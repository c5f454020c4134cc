import ColumnFormat
import Testing

@testable import ColumnEncoding

/// Every form of a relation gives its rows back bit for bit, whatever they are.
@Suite struct RelationTests {
    static let counts = [1, 7, 8, 9, 300, 1_025]

    /// Numbers that are hard on floating-point arithmetic, and some that are not.
    static let wildDoubles: [Double] = [
        0, -0.0, 1, -1, 0.1, 0.3, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity,
        -.infinity, .nan, Double(bitPattern: 0x7FF0_0000_0000_0001), Double(bitPattern: 0xFFF8_0000_0000_0007), 1e15,
        9_007_199_254_740_992, 1_125_899_906_842_624, -1_125_899_906_842_623, 123_456.78, 2.5, 3.5, 1e300,
    ]
    static let wildIntegers: [Int64] = [
        0, 1, -1, .max, .min, .min + 1, 59, 60, -60, 1 << 53, (1 << 53) + 1, -(1 << 51), 1 << 51, 1_583_020_800_000_000,
    ]

    /// Two wild columns of `type`, and a target that mostly is what `value` makes of them.
    static func block(
        _ sourceTypes: [ColumnType], _ targetType: ColumnType, count: Int, seed: UInt64
    ) -> TestBlock {
        var random = SplitMix(state: seed)
        var block = TestBlock()
        for (number, type) in sourceTypes.enumerated() {
            block.add("s\(number)", type, count: count) { builder, row in
                if row % 13 == 5 { return builder.appendNull() }
                appendWild(type, to: builder, &random)
            }
        }
        block.add("t", targetType, count: count) { builder, row in
            if row % 11 == 3 { return builder.appendNull() }
            appendWild(targetType, to: builder, &random)
        }
        return block
    }

    static func appendWild(_ type: ColumnType, to builder: ColumnBuilder, _ random: inout SplitMix) {
        let index = Int(random.next() % 64)
        switch type {
        case .float32: builder.append(index < wildDoubles.count ? Float(wildDoubles[index]) : Float(index) / 4)
        case .float64: builder.append(index < wildDoubles.count ? wildDoubles[index] : Double(index) / 100)
        case .bool: builder.append(UInt8(index & 1))
        default:
            let value = index < wildIntegers.count ? wildIntegers[index] : Int64(index) - 30
            switch type.byteWidth {
            case 1: builder.append(UInt8(truncatingIfNeeded: value))
            case 2: builder.append(UInt16(truncatingIfNeeded: value))
            case 4: builder.append(UInt32(truncatingIfNeeded: value))
            default: builder.append(value)
            }
        }
    }

    static let forms: [(Relation.Form, sourceCount: Int)] = [
        (.sum(.init(terms: [.init(), .init(coefficient: -1)])), 2),
        (.sum(.init(terms: [.init(), .init(coefficient: -1)], isAbsolute: true)), 2),
        (.sum(.init(terms: [.init(coefficient: 7)], constant: -3, divisor: 60)), 1),
        (.sum(.init(terms: [.init(), .init(coefficient: .min)], constant: .max, divisor: .max)), 2),
        (.sum(.init(terms: [.init()], hasResidual: true)), 1),
        (.sum(.init(terms: [.init(coefficient: 100), .init(coefficient: 100)], divisor: 100, hasResidual: true)), 2),
        (.arithmetic(.plus), 2), (.arithmetic(.minus), 2), (.arithmetic(.distance), 2), (.arithmetic(.times), 2),
        (.arithmetic(.divided), 2), (.arithmetic(.same), 1),
        (.ratio(.init()), 1), (.ratio(.init(isProduct: true)), 1),
        (.period(.init(unit: 60)), 1), (.period(.init(offset: -7, unit: 1, modulus: 24, base: 1)), 1),
        (.period(.init(offset: .max, unit: .max, modulus: .max, base: .min)), 1),
    ]
    static let wordTypes = allScalarTypes.filter { [1, 2, 4, 8].contains($0.byteWidth ?? 0) }

    /// Whatever the columns are: what a relation makes of them, taken as a column, follows it without an exception.
    @Test(arguments: wordTypes, [ColumnType.float64, .float32, .int64, .uint8, .int16, .uint64, .bool])
    func whatARelationMakesFollowsIt(target: ColumnType, source: ColumnType) throws {
        for (index, (form, sourceCount)) in Self.forms.enumerated() {
            if target.fixedShape!.kind == .bit { continue }
            if target.fixedShape!.kind != .float {
                switch form {
                case .arithmetic, .ratio: continue
                default: break
                }
            }
            if case .period = form, source.fixedShape!.kind == .float { continue }
            let count = Self.counts[(index + target.name.count) % Self.counts.count]
            var block = Self.block(
                Array(repeating: source, count: sourceCount), target, count: count, seed: UInt64(index))
            let relation = Relation(sources: Array(0..<sourceCount), form: form)
            block.columns[sourceCount] = Self.results(of: relation, in: block)
            if case .sum(let sum) = form, sum.hasResidual {
                // What has to be stored follows from whole sums alone, and from floats that have digits.
                guard target.fixedShape!.kind != .float, sum.divisor == 1 else { continue }
            }
            let page = try block.expectRoundTrip(sourceCount, as: relation, "\(form)")
            if relation.form.residualShape == nil {
                #expect(!page.encoding.contains("patches"), "\(page.encoding)")
            }
        }
    }

    /// The values that the relation gives; null where that is NaN, which is left to exceptions, and in each eleventh row.
    static func results(of relation: Relation, in block: TestBlock) -> ColumnSlice {
        let target = block.columns.last!
        let shapes = relation.sources.map { block.columns[$0].type.fixedShape! }
        let evaluator = RelationEvaluator(relation, target: target.type.fixedShape!, sources: shapes)
        let builder = ColumnBuilder(type: target.type)
        let scratch = VectorScratch()
        let room = DerivedScratch(count: shapes.count + 2)
        for row in 0..<target.count {
            for (i, source) in relation.sources.enumerated() {
                unsafe room.pieces[i].copyMemory(
                    from: block.columns[source].rawPointer(at: row), byteCount: shapes[i].byteWidth)
            }
            let stored = unsafe room.pieces[shapes.count]
            unsafe stored.storeBytes(of: Int64(row % 5 + 1), as: Int64.self)
            let result = unsafe room.pieces[shapes.count + 1]
            unsafe evaluator.evaluate(
                room.readable, residual: UnsafeRawPointer(stored), count: 1, into: result, scratch: scratch)
            let isNaN =
                target.type == .float32
                ? unsafe result.load(as: Float.self).isNaN
                : target.type == .float64 ? unsafe result.load(as: Double.self).isNaN : false
            if row % 11 == 3 || isNaN {
                builder.appendNull()
            } else {
                unsafe builder.append(fixedBytes: UnsafeRawPointer(result))
            }
        }
        return builder.snapshot()
    }

    @Test(arguments: [1, 9, 1_030])
    func stepsGiveTheirValues(count: Int) throws {
        for type in Self.wordTypes {
            for source in [ColumnType.float64, .float32, .int64, .uint16] {
                var block = Self.block([source], type, count: count, seed: UInt64(count))
                let isBit = type == .bool
                let steps = Relation.Steps(
                    thresholds: [-3, -0.0, 0.5, 2, 1e15],
                    values: isBit ? [0, 1, 0, 1, 1, 0] : [1, 7, 9, 2, 3, 4])
                let relation = Relation(sources: [0], form: .steps(steps))
                block.columns[1] = Self.results(of: relation, in: block)
                let page = try block.expectRoundTrip(1, as: relation, "steps")
                #expect(page.encoding.hasPrefix("steps of s0 (6)"), "\(page.encoding)")
            }
        }
    }

    /// Steps by brute force: the value that belongs to the number of thresholds at or below.
    @Test func aStepIsTheNumberOfThresholdsAtOrBelow() {
        var random = SplitMix(state: 3)
        for count in [1, 2, 3, 7, 8, 20, 33, 1_000] {
            let thresholds = (0..<count).map { Double($0) * 2 - 10 }
            let steps = Relation.Steps(thresholds: thresholds, values: Array(repeating: 0, count: count + 1))
            let table = StepsTable(steps, FixedShape(kind: .unsigned, byteWidth: 1))
            for _ in 0..<200 {
                let number = Double(Int64(random.next() % 2_100)) - 20
                let expected = thresholds.filter { $0 <= number }.count
                var found: UInt32 = 99
                unsafe table.numbers(of: [number], 1, to: &found)
                #expect(Int(found) == expected)
            }
        }
    }

    /// Periods by brute force, in order and not.
    @Test func aPeriodIsAFlooredQuotient() {
        for period in [
            Relation.Period(unit: 60_000_000, modulus: 60), Relation.Period(offset: 3, unit: 7, modulus: 5, base: 1),
            Relation.Period(unit: .max), Relation.Period(unit: 1),
            Relation.Period(offset: -1, unit: 3_600_000_000, modulus: 24, base: -12),
            Relation.Period(unit: 86_400_000_000), Relation.Period(unit: (1 << 48) - 1, modulus: (1 << 48) - 1),
        ] {
            let recent = (0..<1_024 as Range<Int64>).map { 1_583_020_800_000_000 + $0 * $0 * 977_777 % 250_000_000_000 }
            let edges: [Int64] = [-3, 59_999_996, 59_999_997, (1 << 48) - 4, 4, 3, 3_599_999_997]
            for times in [Self.wildIntegers, Self.wildIntegers.sorted(), Array(-200...200), recent, edges] {
                var found = times
                let room = DerivedScratch(count: 1)
                unsafe found.withUnsafeMutableBytes {
                    unsafe PeriodKernel.place(
                        times, times.count, in: period, as: FixedShape(kind: .signed, byteWidth: 8),
                        room: room.pieces[0].assumingMemoryBound(to: Double.self), to: $0.baseAddress!)
                }
                for (time, place) in zip(times, found) {
                    let quotient = (time &+ period.offset).flooredQuotient(by: period.unit)
                    let modulus = period.modulus
                    let rest = modulus == 0 ? quotient : ((quotient % modulus) + modulus) % modulus
                    #expect(place == rest &+ period.base, "\(time) in \(period)")
                    #expect(PeriodKernel.value(of: time, in: period) == place)
                }
            }
        }
    }

    @Test func singleAndDoubleArithmeticOfFloatsAgree() {
        var random = SplitMix(state: 8)
        let float = FixedShape(kind: .float, byteWidth: 4)
        let scratch = VectorScratch()
        for operation in Relation.Arithmetic.allCases where operation != .same {
            let relation = Relation(sources: [0, 1], form: .arithmetic(operation))
            let evaluator = RelationEvaluator(relation, target: float, sources: [float, float])
            for _ in 0..<2_000 {
                let a = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
                let b = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
                var single: Float = 0
                var pair = [a, b]
                unsafe pair.withUnsafeMutableBytes { bytes in
                    let left = UnsafeRawPointer(bytes.baseAddress!)
                    unsafe withUnsafeMutableBytes(of: &single) { result in
                        unsafe evaluator.evaluate(
                            [left, left + 4], residual: nil, count: 1, into: result.baseAddress!, scratch: scratch)
                    }
                }
                let double = Float(operation.result(Double(a), Double(b)))
                #expect(
                    single.isNaN && double.isNaN || single.bitPattern == double.bitPattern, "\(a) \(operation) \(b)")
            }
        }
    }

    @Test(arguments: [0, 1, 7, 8, 1_022, 1_023, 1_024, 1_500, 2_498, 2_499])
    func anExceptionMayBeAtEveryPlace(place: Int) throws {
        var random = SplitMix(state: 4)
        var block = TestBlock()
        block.add("a", .float32, count: 2_500) { builder, _ in builder.append(Float(random.next() % 300)) }
        block.add("b", .float32, count: 2_500) { builder, _ in builder.append(Float(random.next() % 300)) }
        let (a, b) = (block.columns[0], block.columns[1])
        block.add("distance", .float32, count: 2_500) { builder, row in
            let distance = Float((a.double(at: row) - b.double(at: row)).magnitude)
            builder.append(row == place ? -distance - 1 : distance)
        }
        let page = try block.expectRoundTrip(
            2, as: Relation(sources: [0, 1], form: .arithmetic(.distance)), "exception at \(place)")
        #expect(page.encoding == "|a − b|, patches")
        block.add("speed", .float32, count: 2_500) { builder, row in
            builder.append(row == place ? .nan : Float(a.double(at: row) / Double(row % 90 + 30)))
        }
        let ratio = try block.expectRoundTrip(
            3, as: Relation(sources: [0], form: .ratio(.init(exponent: 0))), "exception at \(place)")
        #expect(ratio.encoding.hasPrefix("a ÷ ") && ratio.encoding.hasSuffix(", patches"))
    }
}

extension ColumnSlice {
    func double(at row: Int) -> Double {
        switch value(at: row) {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .int(let value): Double(value)
        default: 0
        }
    }
}
