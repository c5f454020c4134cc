internal import Synchronization

/// The bytes of an immutable file in memory, given back with the last reference.
///
/// They are mapped, or read piece by piece: whoever looks at some of ``bytes`` has to `load` them before.
@safe
package final class MappedFile: @unchecked Sendable {
    /// The file's bytes; valid as long as this object.
    package let bytes: UnsafeRawBufferPointer
    private let release: @Sendable (UnsafeRawBufferPointer) -> Void
    /// Brings what is not there yet; nil where everything is.
    private let pieces: FilePieces?

    /// `release` is called once with `bytes`.
    package init(_ bytes: UnsafeRawBufferPointer, release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        unsafe self.bytes = bytes
        unsafe self.release = release
        pieces = nil
    }

    /// A copy in memory of its own.
    package convenience init(copying source: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 64)
        unsafe copy.copyMemory(from: source)
        unsafe self.init(UnsafeRawBufferPointer(rebasing: copy[..<source.count])) { bytes in
            unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate()
        }
    }

    /// The bytes of a file that are read from it when they are loaded first. The memory is taken at once, and used by and by.
    init(reading file: any File, byteCount: Int) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(byteCount, 1), alignment: 64)
        unsafe bytes = UnsafeRawBufferPointer(rebasing: memory[..<byteCount])
        unsafe release = { unsafe UnsafeMutableRawPointer(mutating: $0.baseAddress!).deallocate() }
        unsafe pieces = FilePieces(of: file, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount]))
    }

    package var count: Int { unsafe bytes.count }

    /// Makes a part of ``bytes`` what it is in the file; parts beyond its end are left out. Throws `.io`.
    @inline(__always)
    package func load(_ range: Range<Int>) throws(StoreError) {
        if let pieces { try pieces.load(range) }
    }

    /// All bytes.
    package func loadAll() throws(StoreError) { try load(0..<count) }

    deinit { unsafe release(bytes) }
}

/// Which pieces of a file are in memory already.
@safe
private final class FilePieces: @unchecked Sendable {
    /// The size of one: large enough that a page is a few reads, small enough that an index that is searched here and there stays where it is.
    private static let pieceByteCount = 16 << 10

    private let file: any File
    private let memory: UnsafeMutableRawBufferPointer
    private let byteCount: Int
    private let isLoaded: Mutex<[Bool]>

    init(of file: any File, into memory: UnsafeMutableRawBufferPointer) {
        self.file = file
        unsafe self.memory = memory
        byteCount = memory.count
        isLoaded = Mutex(Array(repeating: false, count: (byteCount + Self.pieceByteCount - 1) / Self.pieceByteCount))
    }

    deinit { file.close() }

    /// Reads the pieces of `range` that are missing, neighbours at once. Whoever needs the same waits.
    func load(_ range: Range<Int>) throws(StoreError) {
        let range = range.clamped(to: 0..<byteCount)
        guard !range.isEmpty else { return }
        try isLoaded.withLock { isLoaded throws(StoreError) in
            var piece = range.lowerBound / Self.pieceByteCount
            let end = (range.upperBound - 1) / Self.pieceByteCount + 1
            while piece < end {
                guard !isLoaded[piece] else {
                    piece += 1
                    continue
                }
                let first = piece
                while piece < end, !isLoaded[piece] { piece += 1 }
                try read(first * Self.pieceByteCount..<min(piece * Self.pieceByteCount, byteCount))
                for place in first..<piece { isLoaded[place] = true }
            }
        }
    }

    private func read(_ range: Range<Int>) throws(StoreError) {
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[range])
        let count = unsafe try file.pread(into: target, at: range.lowerBound)
        guard count == range.count else {
            throw .corrupt(
                "the file ends after \(range.lowerBound + count) bytes, \(byteCount) expected", path: file.path)
        }
    }
}
