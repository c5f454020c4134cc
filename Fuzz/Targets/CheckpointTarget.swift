import ColumnFormat
import ColumnViews
import Drumlin

/// What views and tasks keep in bytes: `u8` which, then a view's checkpoint, the layout of its cells, or a registration.
/// What can be read is written as bytes that are read the same.
struct CheckpointTarget: FuzzTarget {
    func run(_ input: [UInt8]) {
        guard let which = input.first else { return }
        unsafe input.withUnsafeBytes { raw in
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: raw[1...])
            var reader = unsafe ByteReader(bytes)
            switch which % 4 {
            case 0: unsafe view(bytes)
            case 1:
                guard let layout = try? CellLayout(from: &reader) else { return }
                var writer = ByteWriter()
                layout.write(to: &writer)
                let again = unsafe writer.bytes.withUnsafeBytes { raw in
                    var reader = unsafe ByteReader(raw)
                    return try? CellLayout(from: &reader)
                }
                require(again != nil, "a layout cannot be read again")
            case 2:
                guard let epoch = try? Epoch(reading: &reader, bucketing: nil) else { return }
                let written = epoch.bytes()
                let again = unsafe written.withUnsafeBytes { raw in
                    var reader = unsafe ByteReader(raw)
                    return try? Epoch(reading: &reader, bucketing: nil).bytes()
                }
                require(again == written, "an epoch is read as another one")
            default: _ = try? MetricRegistration.read(&reader)
            }
        }
    }

    private func view(_ bytes: UnsafeRawBufferPointer) {
        guard let view = unsafe try? WindowedView(decoding: bytes) else { return }
        guard let written = try? view.encode() else { return }
        let again = unsafe written.withUnsafeBytes { unsafe try? WindowedView(decoding: $0).encode() }
        require(again == written, "a checkpoint is read as another one")
        view.advance(to: 1_583_030_000_000_000)
        _ = view.windows.map(\.description)
    }

    var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        let files = StoreTarget.smallStore() + StoreTarget.smallStore(isRich: true)
        for file in files where file.path.hasSuffix(".ckpt") {
            unsafe file.bytes.withUnsafeBytes { raw in
                var reader = unsafe ByteReader(raw)
                do throws(FormatError) {
                    _ = try reader.read(UInt8.self)
                    for _ in 0..<3 { _ = try reader.readVarint() }
                    _ = try reader.read(UInt8.self)
                    _ = try TaskCounters(from: &reader)
                    let start = reader.offset
                    _ = try CellLayout(from: &reader)
                    seeds.append([1] + Array(file.bytes[start..<reader.offset]))
                    let count = try reader.readCount(limit: reader.remaining, of: "bytes")
                    seeds.append([0] + Array(file.bytes[reader.offset..<reader.offset + count]))
                } catch {
                    fatalError("\(error)")
                }
            }
        }
        seeds.append([2, 1])
        seeds.append([3, 1, 1, 8] + Array("accuracy".utf8) + [0, 1, 2] + Array("1h".utf8))
        return seeds
    }
}
