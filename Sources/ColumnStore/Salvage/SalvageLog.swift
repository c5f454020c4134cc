internal import ColumnFormat

/// Reads every whole frame of a log or a manifest, before and behind damage; a frame in which one bit is flipped is mended.
final class SalvageLog {
    /// What lies between two whole frames, or behind the last one.
    struct Gap {
        let damage: Damage
        /// How many sequence numbers are missing; nil where nothing follows.
        let missing: UInt64?
        /// Bytes that were on their way when the machine stopped, as far as the file tells.
        var isTear = false
    }

    enum Item {
        case frame(LogFrame)
        case gap(Gap)
    }

    private let file: SalvageFile
    private let reader: LogReader
    private let search: BitSearch
    /// What was mended.
    private(set) var repairs: [Damage] = []
    private var seed: UInt64 { reader.header.seed }

    var firstSequence: UInt64 { reader.header.firstSequence }
    /// Where the frames read so far end.
    var endOffset: Int { reader.offset }
    var unreadableSectors: [Int] { file.unreadableSectors }

    /// Throws `.corrupt` where the header is lost, without which no frame can be told from noise.
    init(
        _ path: String, kind: LogFileHeader.Kind, number: UInt64, validByteCount: Int?, _ fileSystem: any FileSystem,
        search: BitSearch
    ) throws(StoreError) {
        let file = SalvageFile(try fileSystem.open(path, .read))
        self.file = file
        self.search = search
        do throws(StoreError) {
            reader = try LogReader(file: file, kind: kind, number: number, validByteCount: validByteCount)
        } catch {
            guard error.code == .corrupt, let bit = Self.flippedBit(ofHeader: file, search) else { throw error }
            var repair = Damage("the header does not match its checksum", path: path, offset: bit.byte)
            repair.flippedBit = bit
            repairs.append(repair)
            reader = try LogReader(file: file, kind: kind, number: number, validByteCount: validByteCount)
        }
    }

    /// The one bit that is wrong in the header; right for all who read `file` from then on.
    static func flippedBit(ofHeader file: SalvageFile, _ search: BitSearch) -> FlippedBit? {
        let count = LogFileHeader.byteCount - 8
        guard let bytes = try? file.read(count + 8, at: 0) else { return nil }
        let found = unsafe bytes.withUnsafeBytes { raw in
            unsafe search.find(
                in: UnsafeRawBufferPointer(rebasing: raw[..<count]), seed: 0, stored: bytes.word(at: count), at: count)
        }
        if let found { file.flip(found, of: bytes[found.byte]) }
        return found
    }

    /// Calls `body` with each frame and each gap, in order. Throws `.io` and what `body` throws.
    func read(_ body: (Item) throws(StoreError) -> Void) throws(StoreError) {
        while true {
            var failure: StoreError?
            do throws(StoreError) {
                while let frame = try reader.next() { try body(.frame(frame)) }
            } catch {
                guard error.code == .corrupt, error.path == file.path else { throw error }
                failure = error
            }
            if failure == nil, try mend() { continue }
            let place = reader.offset
            var isTorn = false
            do throws(StoreError) {
                if failure == nil {
                    let end = try reader.finish()
                    if end.hasMore { continue }
                    isTorn = end.isTorn
                }
            } catch {
                guard error.code == .corrupt else { throw error }
                failure = error
            }
            let missing = failure != nil || isTorn ? try reader.skipDamage() : nil
            if let failure {
                try body(.gap(Gap(damage: Damage(failure, path: file.path), missing: missing)))
            } else if isTorn {
                try body(.gap(Gap(damage: Self.tear(in: file.path, at: place), missing: missing, isTear: true)))
            }
            guard missing != nil else { return }
        }
    }

    private static func tear(in path: String, at offset: Int) -> Damage {
        Damage("no whole frame, and not the end", path: path, offset: offset)
    }

    /// Whether the frame at the reader's place is whole now.
    private func mend() throws(StoreError) -> Bool {
        guard let (bit, byte) = try Self.flippedBit(ofFrameAt: reader.offset, file, seed: seed, search) else {
            return false
        }
        file.flip(bit, of: byte)
        var repair = Damage("a frame does not match its checksum", path: file.path, offset: reader.offset)
        repair.flippedBit = bit
        repairs.append(repair)
        return true
    }

    /// The one bit that keeps the frame at `offset` from being whole, and its byte as it is.
    static func flippedBit(
        ofFrameAt offset: Int, _ file: any File, seed: UInt64, _ search: BitSearch
    ) throws(StoreError) -> (FlippedBit, UInt8)? {
        let end = try file.byteCount()
        let headerByteCount = LogFrameHeader.byteCount
        guard end - offset >= LogFrameHeader.overheadByteCount else { return nil }
        let bytes = try file.read(headerByteCount, at: offset)
        // Zeros are the end, not a frame.
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        let frameSeed = LogFrameHeader.seed(file: seed, offset: offset)
        let inHeader = headerByteCount - 8
        if Checksum.of(Array(bytes[..<inHeader]), seed: frameSeed) != bytes.word(at: inHeader) {
            let bit = unsafe bytes.withUnsafeBytes { raw in
                unsafe search.find(
                    in: UnsafeRawBufferPointer(rebasing: raw[..<inHeader]), seed: frameSeed,
                    stored: bytes.word(at: inHeader), at: inHeader)
            }
            return bit.map { ($0.moved(by: offset), bytes[$0.byte]) }
        }
        let header = try? unsafe bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in
            unsafe try LogFrameHeader(decoding: raw, file: seed, offset: offset)
        }
        guard let header, header.frameByteCount <= end - offset else { return nil }
        let padded = header.paddedPayloadByteCount
        let payload = try file.read(padded + 8, at: offset + headerByteCount)
        let bit = unsafe payload.withUnsafeBytes { raw in
            unsafe search.find(
                in: UnsafeRawBufferPointer(rebasing: raw[..<padded]), seed: header.checksum,
                stored: payload.word(at: padded), at: padded)
        }
        return bit.map { ($0.moved(by: offset + headerByteCount), payload[$0.byte]) }
    }
}
