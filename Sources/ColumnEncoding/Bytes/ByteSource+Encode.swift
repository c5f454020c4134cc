import CLZ4
import ColumnFormat

extension ByteSource {
    /// Appends `source`, compressed where that saves as much of it as `options` ask for; true where it did.
    static func encode(
        _ source: UnsafeRawBufferPointer, options: EncodingOptions, to writer: inout ByteWriter
    ) -> Bool {
        if let compressed = unsafe compress(source, options: options) {
            writer.append(code: .lz4)
            writer.append(bytes: compressed)
            return true
        }
        writer.append(code: .stored)
        unsafe writer.append(raw: source)
        return false
    }

    /// The frame table and frames of `source`, or nil where they save too little.
    private static func compress(_ source: UnsafeRawBufferPointer, options: EncodingOptions) -> [UInt8]? {
        // Below this, the frame table and a point read that decompresses cost more than the bytes are worth.
        guard source.count >= 512, options.lz4MinimumSaving < 1 else { return nil }
        let limit = Int(Double(source.count) * (1 - options.lz4MinimumSaving))
        let frameCount = (source.count + frameByteCount - 1) / frameByteCount
        let bound = Int(LZ4_compressBound(Int32(frameByteCount)))
        let scratch = UnsafeMutablePointer<CChar>.allocate(capacity: bound)
        defer { unsafe scratch.deallocate() }
        var table = ByteWriter(reservingCapacity: limit + bound)
        for _ in 0..<frameCount { table.append(UInt32(0)) }
        for frame in 0..<frameCount {
            let start = frame * frameByteCount
            let rawCount = min(frameByteCount, source.count - start)
            let raw = unsafe UnsafeRawBufferPointer(start: source.baseAddress! + start, count: rawCount)
            let bytes = unsafe raw.baseAddress!.assumingMemoryBound(to: CChar.self)
            let written = unsafe Int(
                options.usesHighCompression
                    ? LZ4_compress_HC(bytes, scratch, Int32(rawCount), Int32(bound), LZ4HC_CLEVEL_DEFAULT)
                    : LZ4_compress_default(bytes, scratch, Int32(rawCount), Int32(bound)))
            if written > 0, written < rawCount {
                table.patch(UInt32(written), at: frame * 4)
                unsafe table.append(raw: UnsafeRawBufferPointer(start: scratch, count: written))
            } else {
                table.patch(UInt32(rawCount), at: frame * 4)
                unsafe table.append(raw: raw)
            }
            if table.count > limit { return nil }
            // Random bytes show at once: the first frame stands for the others where it saves nothing at all.
            if frame == 0, frameCount > 1, table.count - frameCount * 4 > rawCount - rawCount / 32 { return nil }
        }
        return table.bytes
    }
}
