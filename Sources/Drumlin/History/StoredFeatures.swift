internal import ColumnFormat
internal import ColumnStore

/// The features of stored rows, in columns, as buckets read them.
struct StoredFeatures {
    private(set) var columns: [ReferenceColumns.Values]

    init(_ schema: TaskSchema) {
        columns = schema.features.map { $0.type.isNumeric || $0.type == .timestamp ? .numbers([]) : .texts([]) }
    }

    /// Appends the rows of a batch that has all features.
    mutating func append(_ batch: Batch, _ schema: TaskSchema) {
        for (place, feature) in schema.features.enumerated() {
            let slice = batch.slice(feature.name)
            switch columns[place] {
            case .numbers(var values):
                columns[place] = .numbers([])
                for row in 0..<batch.rowCount { values.append(slice.isNull(row) ? .nan : slice.double(at: row)) }
                columns[place] = .numbers(values)
            case .texts(var values):
                columns[place] = .texts([])
                for row in 0..<batch.rowCount {
                    values.append(slice.isNull(row) ? nil : slice.value(at: row).description)
                }
                columns[place] = .texts(values)
            }
        }
    }

    func row(_ index: Int) -> Row { Row(columns: columns, index: index) }

    struct Row: FeatureSource {
        let columns: [ReferenceColumns.Values]
        let index: Int

        func number(at feature: Int) -> Double {
            guard feature >= 0, feature < columns.count, case .numbers(let values) = columns[feature] else {
                return .nan
            }
            return values[index]
        }

        func text(at feature: Int) -> String? {
            guard feature >= 0, feature < columns.count, case .texts(let values) = columns[feature] else { return nil }
            return values[index]
        }
    }
}

extension ReferenceColumns {
    /// The reference rows of an epoch, as the store has them: features in the precision of their columns.
    init(stored epoch: Epoch, in reference: TableSnapshot, schema: TaskSchema) throws(StoreError) {
        let names = TaskTables(schema).reference.columns.map(\.name)
        self.init(kind: schema.kind, scores: [], classes: [], labels: [])
        var features = StoredFeatures(schema)
        let classCount = schema.kind.classCount
        let scan = try reference.scan(columns: names, from: epoch.rows.lowerBound)
        while let batch = try scan.next() {
            let numbers = batch.rowNumbers
            guard let first = numbers.first, first < epoch.rows.upperBound else { break }
            let count = numbers.firstIndex { $0 >= epoch.rows.upperBound } ?? numbers.count
            let rows = count == numbers.count ? batch : batch.prefix(count)
            let values = rows.doubles(of: "_label")
            labels += values
            positions += numbers.prefix(count).map { Int($0 - epoch.rows.lowerBound) }
            switch schema.kind {
            case .binary:
                scores += rows.doubles(of: "_score")
                classes += rows.doubles(of: "_class").map { Int($0) }
            case .multiclass(_, let hasProbabilities):
                let predicted = rows.doubles(of: "_class").map { Int($0) }
                classes += predicted
                for row in 0..<count {
                    var given: [Float]?
                    if hasProbabilities, case .vector(let values) = rows[row, "_probabilities"] { given = values }
                    scores.append(given.map { Double($0[predicted[row]]) } ?? .nan)
                    if hasProbabilities {
                        probabilities +=
                            given.map { $0.map { Double($0) } } ?? Array(repeating: .nan, count: classCount)
                    }
                }
            case .regression:
                scores += rows.doubles(of: "_value")
                classes += repeatElement(0, count: count)
            }
            features.append(rows, schema)
        }
        if positions.last.map({ $0 + 1 == positions.count }) ?? true { positions = [] }
        self.features = zip(schema.features, features.columns).map { Feature(name: $0.name, values: $1) }
    }
}

extension Batch {
    /// The first rows, sharing their memory.
    fileprivate func prefix(_ count: Int) -> Batch {
        Batch(
            columnNames: columnNames, rowNumbers: Array(rowNumbers.prefix(count)),
            columns: columns.map { $0.slice(0..<count) })
    }
}
