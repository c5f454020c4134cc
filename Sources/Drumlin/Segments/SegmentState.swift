internal import ColumnFormat
internal import ColumnStore
internal import ColumnViews

/// The slices of one segmentation: panes for each, of which an event reaches one.
///
/// Guarded as the view is whose parts they are.
final class SegmentState {
    let registration: SegmentRegistration
    /// Where the columns are in the table of predictions.
    let columns: [Int]
    private(set) var slices: [Slice] = []
    private var places: [String: Int] = [:]
    private var otherPlace: Int?
    private var width: PaneWidth
    /// Memory for values that is used again.
    private var values: [Value] = []

    struct Slice {
        let name: String
        let panes: SlicePanes
    }

    /// - Parameter schema: of the predictions; it has the columns.
    init(_ registration: SegmentRegistration, schema: Schema, width: PaneWidth) {
        self.registration = registration
        columns = registration.segmentation.columns.map { schema.position(of: $0) ?? 0 }
        self.width = width
        reset(width: width)
    }

    var segmentation: Segmentation { registration.segmentation }

    var byteCount: Int { slices.reduce(0) { $0 + $1.panes.byteCount } }

    /// Begins anew with no event.
    func reset(width: PaneWidth) {
        self.width = width
        slices = []
        places = [:]
        otherPlace = nil
        for name in registration.names { places[name] = append(name, SlicePanes(width: width, byteLimit: byteLimit)) }
    }

    /// The slices share what a view may have.
    private var byteLimit: Int { max(TaskLoading.viewByteLimit / (segmentation.limit + 1), 64 << 10) }

    private func append(_ name: String, _ panes: SlicePanes) -> Int {
        slices.append(Slice(name: name, panes: panes))
        return slices.count - 1
    }

    /// The panes of the slice that a prediction is in: its own, made where there is room, or that of all others.
    func panes(of values: [Value]) -> SlicePanes {
        let name = segmentation.name(of: values)
        if let place = places[name] { return slices[place].panes }
        if places.count < segmentation.limit {
            let place = append(name, SlicePanes(width: width, byteLimit: byteLimit))
            places[name] = place
            return slices[place].panes
        }
        let place = otherPlace ?? append(segmentation.other, SlicePanes(width: width, byteLimit: byteLimit))
        otherPlace = place
        return slices[place].panes
    }

    /// The same for a stored prediction.
    func panes(ofRow row: UInt64, _ predictions: TableState) throws(StoreError) -> SlicePanes {
        values.removeAll(keepingCapacity: true)
        for column in columns { values.append(try predictions.value(row: row, column: column)) }
        return panes(of: values)
    }

    /// The same for a row of a batch that has the columns.
    func panes(_ batch: Batch, _ place: Int) -> SlicePanes {
        values.removeAll(keepingCapacity: true)
        for column in segmentation.columns { values.append(batch[place, column]) }
        return panes(of: values)
    }

    // MARK: Checkpoint

    func encode(to writer: inout ByteWriter) throws(ViewError) {
        segmentation.write(to: &writer)
        writer.append(varint: UInt64(slices.count))
        for (place, slice) in slices.enumerated() {
            writer.append(string: slice.name)
            writer.append(UInt8(place == otherPlace ? 1 : 0))
            var panes = ByteWriter()
            try slice.panes.encode(to: &panes)
            writer.append(varint: UInt64(panes.bytes.count))
            writer.append(bytes: panes.bytes)
        }
    }

    /// What a checkpoint says of a segmentation.
    struct Decoded {
        let segmentation: Segmentation
        fileprivate let slices: [Slice]
        fileprivate let otherPlace: Int?
        fileprivate let width: PaneWidth
    }

    static func decode(from reader: inout ByteReader, width: PaneWidth) throws(FormatError) -> Decoded {
        let segmentation = try Segmentation(from: &reader)
        let limit = max(TaskLoading.viewByteLimit / (segmentation.limit + 1), 64 << 10)
        var slices: [Slice] = []
        var otherPlace: Int?
        for place in 0..<(try reader.readCount(limit: segmentation.limit + 1, of: "slices")) {
            let name = try reader.readString(limit: 1 << 24)
            if try reader.read(UInt8.self) == 1 { otherPlace = place }
            let count = try reader.readCount(limit: reader.remaining, of: "bytes of a slice")
            var part = unsafe ByteReader(try reader.readBytes(count))
            slices.append(Slice(name: name, panes: try SlicePanes(width: width, byteLimit: limit, from: &part)))
            guard part.remaining == 0 else {
                throw FormatError(.invalid, "\(part.remaining) bytes after a slice", at: reader.offset)
            }
        }
        return Decoded(segmentation: segmentation, slices: slices, otherPlace: otherPlace, width: width)
    }

    /// Takes over what a checkpoint says, of the same segmentation.
    func restore(_ decoded: Decoded) {
        (slices, otherPlace, width) = (decoded.slices, decoded.otherPlace, decoded.width)
        places = [:]
        for (place, slice) in slices.enumerated() where place != otherPlace { places[slice.name] = place }
        // What the registration names has a slice, also where it had no event.
        for name in registration.names where places[name] == nil {
            places[name] = append(name, SlicePanes(width: width, byteLimit: byteLimit))
        }
    }
}
