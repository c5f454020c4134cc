internal import CDrumlinShims
internal import ColumnEncoding
internal import ColumnFormat

/// Reads the rows of one snapshot of a table, batch by batch.
///
/// A block of 65,536 rows whose zone maps show that no row can meet the condition is not read; within a block, neither
/// are vectors of 1,024 rows of which a time column's zone maps show it. The condition is evaluated a vector at a time, on
/// encoded values where that is possible, and other columns are decoded only for vectors in which a row is left. Rows in
/// memory are handed out without being copied where all of a block is wanted. One thread uses a scan; many scans may run at
/// once, and none delays a writer.
public final class Scan {
    private let snapshot: TableSnapshot
    private let names: [String]
    private let positions: [Int]
    private let condition: Condition?
    private let columns: BlockColumns
    private let filter: VectorFilter?
    private let blocks: [SnapshotBlock]
    private let hiding = HiddenRows()
    private var nextBlock = 0
    /// Rows that were passed over by their zone maps alone.
    public private(set) var prunedRowCount = 0

    package init(
        snapshot: TableSnapshot, names: [String], positions: [Int], predicate: Predicate?, from firstRow: UInt64
    ) {
        self.snapshot = snapshot
        self.names = names
        self.positions = positions
        let condition = predicate.map { Condition($0, schema: snapshot.schema) }
        let columns = BlockColumns(schema: snapshot.schema)
        self.condition = condition
        self.columns = columns
        filter = condition.map { VectorFilter($0, columns: columns) }
        blocks = snapshot.blocks(from: firstRow)
    }

    /// The next rows, or nil at the end. Throws `StoreError.corrupt` with the file and the offset on damage.
    public func next() throws(StoreError) -> Batch? {
        while nextBlock < blocks.count {
            let block = blocks[nextBlock]
            nextBlock += 1
            columns.move(to: block)
            let rows = try select(block)
            if rows.count > 0 { return try batch(rows, of: block) }
        }
        return nil
    }

    /// Calls `body` with each batch that is left.
    public func forEach<E: Error>(_ body: (Batch) throws(E) -> Void) throws {
        while let batch = try next() { try body(batch) }
    }

    // MARK: Which rows

    private func select(_ block: SnapshotBlock) throws(StoreError) -> SelectedRows {
        var selected = SelectedRows()
        let outcome = condition?.outcome(zone: block.zone) ?? .always
        if outcome == .never {
            prunedRowCount += block.rows.count - block.hidden.count
            return selected
        }
        if outcome == .always, block.hidden.isEmpty {
            selected.append(0..<block.rows.count)
            return selected
        }
        let hasZones = condition?.columns.contains(where: block.hasVectorZones) ?? false
        for vector in 0..<block.vectorCount {
            let rows = block.rows(ofVector: vector)
            var mask: UnsafePointer<UInt8>?
            var taken = rows.count
            var vectorOutcome = outcome
            if outcome == .possible, hasZones, let condition {
                vectorOutcome = condition.outcome { block.zone($0, vector: vector) }
            }
            if vectorOutcome == .never {
                prunedRowCount += rows.count
                continue
            }
            if vectorOutcome == .possible, let filter {
                unsafe (mask, taken) = try filter.rows(ofVector: vector, count: rows.count)
            }
            unsafe (mask, taken) = hiding.removed(from: mask, taken: taken, vector: vector, of: block)
            if taken == 0 { continue }
            if let mask = unsafe mask {
                selected.append(vector: vector, places: unsafe Self.places(mask, count: rows.count))
            } else {
                selected.append(rows)
            }
        }
        return selected
    }

    private static func places(_ mask: UnsafePointer<UInt8>, count: Int) -> [UInt32] {
        // A place is written before it is known whether it stays.
        unsafe [UInt32](unsafeUninitializedCapacity: count + 1) { buffer, found in
            unsafe found = Int(drumlin_mask_places(mask, UInt32(count), 0, buffer.baseAddress))
        }
    }

    // MARK: Their values

    private func batch(_ rows: SelectedRows, of block: SnapshotBlock) throws(StoreError) -> Batch {
        var known: [Int: ColumnSlice] = [:]
        var slices: [ColumnSlice] = []
        for position in positions {
            let slice: ColumnSlice
            if let same = known[position] { slice = same } else { slice = try read(position, rows, of: block) }
            known[position] = slice
            slices.append(slice)
        }
        let first = block.firstRow
        return Batch(
            columnNames: names, numbers: RowNumbers { rows.numbers(from: first) }, rowCount: rows.count,
            columns: slices)
    }

    private func read(_ column: Int, _ rows: SelectedRows, of block: SnapshotBlock) throws(StoreError) -> ColumnSlice {
        if case .memory(_, let slices) = block.source, let range = rows.range {
            let first = block.rows.lowerBound
            return slices[column].slice(first + range.lowerBound..<first + range.upperBound)
        }
        let builder = ColumnBuilder(type: snapshot.schema.columns[column].type, capacity: rows.count)
        for piece in rows.pieces {
            switch piece {
            case .whole(let range):
                let first = block.rows.lowerBound
                let rows = first + range.lowerBound..<first + range.upperBound
                switch block.source {
                case .segment(let segment): try segment.read(column: column, rows: rows, into: builder)
                case .memory(_, let slices): builder.append(contentsOf: slices[column].slice(rows))
                }
            case .some(let vector, let places):
                let cursor = try columns.cursor(column, vector: vector)
                cursor.append(places, to: builder)
            }
        }
        return builder.snapshot()
    }
}

extension VectorCursor {
    /// Appends the rows at `places` of the loaded vector.
    func append(_ places: [UInt32], to builder: ColumnBuilder) {
        if type.isVariableLength {
            appendTexts(places, to: builder)
            return
        }
        expand()
        guard unsafe validity == nil else {
            appendNullable(places, to: builder)
            return
        }
        builder.reserve(rowCount: places.count)
        let target = unsafe builder.reservedValues
        switch type.byteWidth {
        case 1: unsafe drumlin_gather_u8(places, UInt32(places.count), words, target)
        case 2: unsafe drumlin_gather_u16(places, UInt32(places.count), words, target)
        case 4: unsafe drumlin_gather_u32(places, UInt32(places.count), words, target)
        case 8: unsafe drumlin_gather_u64(places, UInt32(places.count), words, target)
        case let width:
            let width = width ?? 0
            for (row, place) in places.enumerated() {
                unsafe (target + row * width).copyMemory(from: words + Int(place) * width, byteCount: width)
            }
        }
        unsafe builder.commit(rowCount: places.count)
    }

    private func appendNullable(_ places: [UInt32], to builder: ColumnBuilder) {
        let width = type.byteWidth ?? 0
        for place in places {
            if let validity = unsafe validity, unsafe validity[Int(place)] == 0 {
                builder.appendNull()
            } else {
                unsafe builder.append(fixedBytes: words + Int(place) * width)
            }
        }
    }

    private func appendTexts(_ places: [UInt32], to builder: ColumnBuilder) {
        for place in places {
            if let validity = unsafe validity, unsafe validity[Int(place)] == 0 {
                builder.appendNull()
            } else if let texts = distinctTexts {
                unsafe builder.append(bytes: texts.variableBytes(at: Int(narrow[Int(place)])))
            } else if let texts = textRows {
                unsafe builder.append(bytes: texts.variableBytes(at: Int(place)))
            }
        }
    }
}
