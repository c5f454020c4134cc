internal import ColumnFormat

extension ColumnSummary {
    private static let version: UInt8 = 1

    /// The summary as it is kept in the table of summaries: see `Format.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64 + cells.count * 12)
        writer.append(Self.version)
        writer.append(form.rawValue)
        for count in [rowCount, nullCount, nanCount] { writer.append(varint: UInt64(count)) }
        writer.append(varint: UInt64(cells.count))
        var last: UInt32 = 0
        for cell in cells {
            writer.append(varint: UInt64(cell.key - last))
            writer.append(varint: UInt64(cell.count))
            for sum in [cell.coarse, cell.fine, cell.squares] { writer.append(zigzag: sum) }
            last = cell.key
        }
        guard form != .opaque else { return writer.bytes }
        writer.append(varint: UInt64(hashes.count { $0 != 0 }))
        var next = 0
        for (hash, count) in hashes.enumerated() where count != 0 {
            writer.append(varint: UInt64(hash - next))
            writer.append(varint: UInt64(count))
            next = hash + 1
        }
        return writer.bytes
    }

    /// Throws where the bytes are damaged; never traps.
    init(from reader: inout ByteReader) throws(FormatError) {
        let limit = 1 << 56
        guard try reader.read(UInt8.self) == Self.version else {
            throw FormatError(.unsupported, "a summary of another version", at: reader.offset)
        }
        guard let form = Form(rawValue: try reader.read(UInt8.self)) else {
            throw FormatError(.invalid, "the form of a summary", at: reader.offset)
        }
        self.init(form)
        rowCount = Int64(try reader.readCount(limit: limit, of: "rows"))
        nullCount = Int64(try reader.readCount(limit: limit, of: "nulls"))
        nanCount = Int64(try reader.readCount(limit: limit, of: "NaN"))
        guard nullCount + nanCount <= rowCount else {
            throw FormatError(
                .invalid, "\(nullCount + nanCount) of \(rowCount) rows without a value", at: reader.offset)
        }
        var (last, left) = (UInt32(0), valueCount)
        for place in 0..<(try reader.readCount(limit: Int(ValueCell.limit), of: "cells")) {
            let step = try reader.readCount(limit: Int(ValueCell.limit), of: "a cell")
            let key = last + UInt32(step)
            let count = Int64(try reader.readCount(limit: Int(left), of: "values"))
            guard form == .number, place == 0 || step > 0, key < ValueCell.limit, count > 0 else {
                throw FormatError(.invalid, "cell \(key) of a summary", at: reader.offset)
            }
            left -= count
            let (coarse, fine) = (try reader.readZigzag(), try reader.readZigzag())
            cells.append(
                Cell(key: key, count: count, coarse: coarse, fine: fine, squares: try reader.readZigzag()))
            last = key
        }
        guard form != .opaque else { return }
        guard form != .number || left == 0 else {
            throw FormatError(.invalid, "\(left) values of a summary in no cell", at: reader.offset)
        }
        var (next, unhashed) = (0, valueCount)
        for _ in 0..<(try reader.readCount(limit: Self.hashCount, of: "hashes")) {
            next += try reader.readCount(limit: Self.hashCount, of: "a hash")
            let count = Int64(try reader.readCount(limit: Int(unhashed), of: "values"))
            guard next < Self.hashCount else { throw FormatError(.invalid, "a summary's hash", at: reader.offset) }
            hashes[next] = count
            unhashed -= count
            next += 1
        }
    }
}
