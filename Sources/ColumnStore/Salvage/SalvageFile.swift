import Synchronization

/// A file of a damaged store, for reading: sectors that the disk does not give are zeros, and bits that are known to be
/// flipped are right.
final class SalvageFile: File {
    let path: String
    private let file: any File
    private let state = Mutex(State())
    private static let sectorByteCount = 4_096

    private struct State {
        var mended: [Int: UInt8] = [:]
        var unreadable = Set<Int>()
    }

    init(_ file: any File) {
        self.file = file
        path = file.path
    }

    /// Where sectors begin that could not be read.
    var unreadableSectors: [Int] { state.withLock { $0.unreadable.sorted() } }

    /// Turns a bit over for all who read from now on.
    func flip(_ bit: FlippedBit, of byte: UInt8) {
        state.withLock { $0.mended[bit.byte] = byte ^ 1 << UInt8(bit.bit) }
    }

    func byteCount() throws(StoreError) -> Int { try file.byteCount() }

    func pread(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int {
        var count: Int
        do throws(StoreError) {
            count = unsafe try file.pread(into: buffer, at: offset)
        } catch {
            guard error.code == .io else { throw error }
            count = unsafe try readSectors(into: buffer, at: offset)
        }
        state.withLock { state in
            for (place, byte) in state.mended where place >= offset && place < offset + count {
                unsafe buffer[place - offset] = byte
            }
        }
        return count
    }

    /// Sector by sector, with zeros for those that fail.
    private func readSectors(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(StoreError) -> Int {
        let count = max(0, min(buffer.count, try file.byteCount() - offset))
        var done = 0
        while done < count {
            let sector = (offset + done) / Self.sectorByteCount * Self.sectorByteCount
            let end = min(sector + Self.sectorByteCount - offset, count)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<end])
            do throws(StoreError) {
                _ = unsafe try file.pread(into: part, at: offset + done)
            } catch {
                guard error.code == .io else { throw error }
                for place in 0..<part.count { unsafe part[place] = 0 }
                state.withLock { _ = $0.unreadable.insert(sector) }
            }
            done = end
        }
        return count
    }

    /// All of the file.
    func contents() throws(StoreError) -> [UInt8] { try read(try byteCount(), at: 0) }

    func map() throws(StoreError) -> MappedFile {
        let bytes = try contents()
        return unsafe bytes.withUnsafeBytes { unsafe MappedFile(copying: $0) }
    }

    func close() { file.close() }

    // Nothing is ever written into a store that is salvaged.
    func pwrite(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) { throw .openedForReading }
    func preallocate(_ byteCount: Int) throws(StoreError) { throw .openedForReading }
    func truncate(_ byteCount: Int) throws(StoreError) { throw .openedForReading }
    func sync() throws(StoreError) { throw .openedForReading }
}
