import ColumnFormat
import TestSupport
import Testing

struct ColumnBuilderTests {
    @Test func slicesStayAsTheyWereWhileTheirBuilderGrows() {
        var generator = SeededGenerator(seed: 1)
        for column in EveryType.schema.columns {
            let builder = ColumnBuilder(type: column.type, capacity: 1)
            var values: [Value] = []
            var slices: [ColumnSlice] = []
            for _ in 0..<300 {
                let isNull = values.count > 100 && Int.random(in: 0..<4, using: &generator) == 0
                let value = isNull ? .null : EveryType.value(of: column.type, using: &generator)
                #expect(builder.append(value: value))
                values.append(value)
                if values.count % 37 == 0 { slices.append(builder.snapshot()) }
            }
            for slice in slices {
                for row in 0..<slice.count {
                    #expect(slice.value(at: row).isIdentical(to: values[row]), "\(column.name), row \(row)")
                }
            }
            let part = builder.snapshot().slice(90..<200)
            let copy = ColumnBuilder(type: column.type)
            copy.append(contentsOf: part)
            for row in 0..<110 {
                #expect(part.value(at: row).isIdentical(to: values[90 + row]))
                #expect(copy.snapshot().value(at: row).isIdentical(to: values[90 + row]))
            }
        }
    }

    @Test func valuesThatDoNotFitAreRefused() {
        let bad: [(ColumnType, Value)] = [
            (.int8, 128), (.int8, -129), (.uint8, -1), (.uint8, .uint(256)), (.uint64, -1), (.int64, .uint(1)),
            (.bool, 1), (.string, 1), (.string, .bytes([1])), (.timestamp, 1), (.uuid, .uuid([1, 2])),
            (.vector(dimension: 2), .vector([1])), (.float64, "1"),
        ]
        for (type, value) in bad {
            let builder = ColumnBuilder(type: type)
            #expect(!builder.append(value: value), "\(type.name), \(value)")
            #expect(builder.count == 0)
        }
    }

    @Test func theValuesOfNullRowsAreZeroOrEmpty() {
        let numbers = ColumnBuilder(type: .int64)
        for value: Value in [7, nil, 8] { #expect(numbers.append(value: value)) }
        let slice = numbers.snapshot()
        #expect(unsafe slice.pointer(as: Int64.self)[1] == 0)
        #expect(!slice.isNull(0) && slice.isNull(1) && !slice.isNull(2))
        let texts = ColumnBuilder(type: .string)
        for value: Value in [nil, "ab", nil] { #expect(texts.append(value: value)) }
        #expect(unsafe texts.snapshot().variableBytes(at: 0).isEmpty)
        #expect(texts.snapshot().value(at: 1) == "ab")
    }
}
