import ColumnFormat

@testable import ColumnViews

/// A pane store behind a reference: the macros of the tests cannot call a noncopyable value.
final class PaneBox {
    private var store: PaneStore

    init(byteLimit: Int = 1 << 30, pages: any PanePageStore = InMemoryPanePages()) {
        store = PaneStore(byteLimit: byteLimit, pages: pages)
    }

    var total: PaneSummary { store.total }
    var frozenNodeCount: Int { store.frozenNodeCount }
    var liveByteCount: Int { store.liveByteCount }
    var byteCount: Int { store.byteCount }
    var lastPieceCount: Int { store.lastPieceCount.nodes }
    var lastFreezeFailure: ViewError? { store.lastFreezeFailure }

    func apply(_ changes: borrowing CellChanges, to pane: Int64) throws { try store.apply(changes, to: pane) }
    func summary(of panes: Range<Int64>) throws -> PaneSummary { try store.summary(of: panes) }
    func nextPane(atOrAfter pane: Int64) throws -> Int64? { try store.nextPane(atOrAfter: pane) }
    func firstPane() throws -> Int64? { try store.firstPane() }

    func apply(_ event: ModelEvent, isRemoval: Bool = false) throws {
        var list = CellChanges()
        event.write(to: &list)
        if isRemoval { list.negate() }
        try store.apply(list, to: event.time)
    }

    func merged(_ panes: Range<Int64>, count: Int) throws -> [Int64] {
        var buffer: [Int64] = []
        try store.merge(panes, into: &buffer)
        return buffer.padded(to: count)
    }

    func encoded() throws -> [UInt8] {
        var writer = ByteWriter()
        try store.encode(to: &writer)
        return writer.bytes
    }

    func decode(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { raw in
            var reader = unsafe ByteReader(raw)
            try store.decode(from: &reader)
            if reader.remaining > 0 { throw FormatError(.invalid, "bytes behind") }
        }
    }
}
