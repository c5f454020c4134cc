internal import ColumnEncoding
internal import ColumnFormat

/// The columns of one block of a snapshot, read vector by vector with one cursor a column, which go on from block to block.
/// For one thread.
final class BlockColumns {
    private let schema: Schema
    /// By position in the schema; made when first asked for.
    private var cursors: [VectorCursor?]
    private let loaded = LoadedVectors()
    /// Whether a cursor is on the current block.
    private var isOpen: [Bool]
    private(set) var block: SnapshotBlock?
    /// How many blocks were gone to.
    private(set) var moveCount = 0

    init(schema: Schema) {
        self.schema = schema
        cursors = Array(repeating: nil, count: schema.columns.count)
        isOpen = Array(repeating: false, count: schema.columns.count)
    }

    /// Goes to another block; nothing of it is read yet.
    func move(to block: SnapshotBlock) {
        self.block = block
        moveCount &+= 1
        for column in isOpen.indices { isOpen[column] = false }
    }

    /// The cursor of a column, with vector `vector` of the block loaded.
    func cursor(_ column: Int, vector: Int) throws(StoreError) -> VectorCursor {
        let cursor = try openCursor(column)
        do throws(FormatError) {
            try cursor.load(vector)
        } catch {
            throw failure(error, column)
        }
        return cursor
    }

    /// The values of a few rows of a column, one after the other; nil where their vectors have to be loaded. Valid until
    /// something of the column is loaded.
    func gather(_ column: Int, _ places: FewRows) throws(StoreError) -> UnsafeRawPointer? {
        let cursor = try openCursor(column)
        do throws(FormatError) {
            return unsafe try cursor.gather(places)
        } catch {
            throw failure(error, column)
        }
    }

    /// Marks the rows of the block whose values lie in `range`; false where that takes decoding them: see
    /// ``PageReader/mark(_:into:)``.
    func mark(
        _ column: Int, _ range: SoughtRange, into bits: UnsafeMutablePointer<UInt32>
    ) throws(StoreError) -> Bool {
        unsafe try openCursor(column).mark(range, into: bits)
    }

    /// What a page says of the values of a vector of a column before it is decoded: see ``VectorCursor/bounds(ofVector:)``.
    func bounds(_ column: Int, vector: Int) throws(StoreError) -> (low: Int64, high: Int64, mayBeNull: Bool)? {
        let cursor = try openCursor(column)
        guard let bounds = cursor.bounds(ofVector: vector) else { return nil }
        return (bounds.low, bounds.high, cursor.mayBeNull)
    }

    private func failure(_ error: FormatError, _ column: Int) -> StoreError {
        block.map { $0.error(error, column: column) } ?? StoreError(error, path: "")
    }

    private func openCursor(_ column: Int) throws(StoreError) -> VectorCursor {
        let cursor: VectorCursor
        if let known = cursors[column] {
            if isOpen[column] { return known }
            cursor = known
        } else {
            cursor = VectorCursor(type: schema.columns[column].type, loaded: loaded)
            cursors[column] = cursor
        }
        guard let block else { preconditionFailure("no block to read") }
        switch block.source {
        case .segment(let segment): cursor.open(try segment.page(column: column, block: block.number))
        case .memory(_, let columns): cursor.open(columns[column].slice(block.rows))
        }
        isOpen[column] = true
        return cursor
    }
}
