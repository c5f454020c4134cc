/// Reads a CSV file row by row, without making a String of any field that nobody asks for.
///
/// The dialect is RFC 4180: a header, commas, fields quoted where they hold commas, line ends or quotation marks
/// (doubled), lines that end in LF or CRLF. A byte order mark and empty lines are skipped. The text is UTF-8; anything
/// else, and every NUL byte, is an error. A row with another number of fields than the header is an error that names
/// file, line and both counts, after which the next row can be read.
///
///     let trips = try CSVReader(path: "trips.csv")
///     let distance = try trips.column("trip_distance")
///     while try trips.nextRow() {
///         if let miles = try trips.float64(distance) { … }
///     }
///
/// The reader is its own cursor: ``nextRow()`` moves to the next row, the field accessors read the current one. The file
/// is read in pieces of 1 MiB; memory is that of one piece or of the longest row, whichever is greater. Scanning a row
/// costs O(its bytes), a field accessor O(the field's bytes), and neither allocates (except ``string(_:)``).
///
/// Not thread-safe: one thread reads one file.
@safe
package final class CSVReader {
    /// Bytes beyond which a row is taken for damage, such as a quotation mark that is never closed.
    package static let maximumRowByteCount = 64 << 20

    /// The file as messages name it.
    package let name: String
    /// The names of the columns, as the header has them.
    package private(set) var header: [String] = []
    /// The number of columns.
    package private(set) var columnCount = 0
    /// The line on which the current row begins, from 1 (the header's).
    package internal(set) var lineNumber = 0
    /// The size of the file in bytes, or nil for a pipe.
    package let byteCount: Int?
    /// Whether rows may have more fields than the header as long as those are empty: some writers end rows in commas.
    package var allowsEmptyExtraFields = false
    /// Whether an empty line is a row with one empty field: for files of one column, where it may be a null.
    package var takesEmptyLinesAsRows = false
    /// Whether quoted fields may hold NUL bytes; without quotes, they always mean that this is no text.
    let allowsQuotedNUL: Bool

    private let file: InputFile?
    /// The piece of the file in memory: `buffer[0 ..< limit]`, then ``padding`` bytes that mean nothing.
    var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    var limit = 0
    /// Where the next row begins.
    var position = 0
    var isAtEnd = false
    /// How many bytes of the file went before `buffer[0]`.
    private var offsetOfBuffer = 0
    /// The next row's line.
    var nextLine = 1
    /// Begin and end of each field of the current row, in turn, as offsets in `buffer`.
    var bounds: UnsafeMutablePointer<Int>
    var fieldCapacity = 64
    /// Fields that hold doubled quotation marks, to be undone once the whole row is there.
    var escapedFields: [Int] = []

    /// Room after the piece, so that eight bytes can always be loaded at once.
    static let padding = 16

    /// Opens `path` (`-` is standard input) and reads the header.
    ///
    /// - Throws: ``CSVError``; a file without a header is one.
    package convenience init(path: String, allowsQuotedNUL: Bool = false) throws(CSVError) {
        try self.init(path: path, pieceByteCount: 1 << 20, allowsQuotedNUL: allowsQuotedNUL)
    }

    /// Reads `bytes` as if they were the file `name`, in pieces of `pieceByteCount`.
    package convenience init(bytes: [UInt8], name: String, allowsQuotedNUL: Bool = false) throws(CSVError) {
        try self.init(
            name: name, file: nil, bytes: bytes, pieceByteCount: bytes.count, allowsQuotedNUL: allowsQuotedNUL)
    }

    /// Opens `path` with pieces of another size than the usual one: for tests of what happens at their edges.
    package convenience init(
        path: String, pieceByteCount: Int, allowsQuotedNUL: Bool = false
    ) throws(CSVError) {
        let file: InputFile
        do { file = try InputFile(path: path) } catch { throw CSVError(wrapping: error, file: path) }
        try self.init(
            name: file.name, file: file, bytes: [], pieceByteCount: pieceByteCount, allowsQuotedNUL: allowsQuotedNUL)
    }

    private init(
        name: String, file: InputFile?, bytes: [UInt8], pieceByteCount: Int, allowsQuotedNUL: Bool
    ) throws(CSVError) {
        self.name = name
        self.allowsQuotedNUL = allowsQuotedNUL
        self.file = file
        byteCount = file?.byteCount ?? (file == nil ? bytes.count : nil)
        capacity = max(pieceByteCount, 16)
        unsafe buffer = .allocate(capacity: capacity + Self.padding)
        unsafe bounds = .allocate(capacity: fieldCapacity * 2)
        unsafe buffer.initialize(repeating: 0x7F, count: capacity + Self.padding)
        for (index, byte) in bytes.enumerated() { unsafe buffer[index] = byte }
        limit = bytes.count
        if file == nil { finish() }
        try readHeader()
    }

    deinit {
        unsafe buffer.deallocate()
        unsafe bounds.deallocate()
    }

    /// Bytes of the file that were read as rows so far; with ``byteCount`` the progress.
    package var bytesRead: Int { min(offsetOfBuffer + position, byteCount ?? .max) }

    /// The position of the column `name`.
    ///
    /// - Throws: ``CSVError`` that lists the columns where `name` is missing or stands twice in the header.
    package func column(_ name: String) throws(CSVError) -> Int {
        guard let index = header.firstIndex(of: name) else {
            let there = header.map { PrintableText.excerpt($0, count: 40) }.joined(separator: ", ")
            throw CSVError(
                .column, file: self.name, line: 1, "there is no column \"\(name)\"; the columns are: \(there)",
                remedy: "name the column as the header spells it")
        }
        guard header.lastIndex(of: name) == index else {
            throw CSVError(.column, file: self.name, line: 1, "the column \"\(name)\" is there twice")
        }
        return index
    }

    /// The position of the column `name`, or nil where there is none.
    ///
    /// - Throws: ``CSVError`` where `name` stands twice in the header.
    package func columnIfPresent(_ name: String) throws(CSVError) -> Int? {
        header.contains(name) ? try column(name) : nil
    }

    // MARK: Pieces of the file

    private func readHeader() throws(CSVError) {
        while limit < 4, try fill() {}
        try refuseOtherFormats()
        if limit >= 3, unsafe buffer[0] == 0xEF, unsafe buffer[1] == 0xBB, unsafe buffer[2] == 0xBF { position = 3 }
        guard let count = try scanNextRow() else {
            throw CSVError(
                .notCSV, file: name, "the file is empty", remedy: "a CSV file begins with a line of column names")
        }
        columnCount = count
        header = (0..<count).map { unsafe String(decoding: field($0), as: UTF8.self) }
    }

    /// Files that are often taken for CSV are named as what they are.
    private func refuseOtherFormats() throws(CSVError) {
        let kinds: [(bytes: [UInt8], name: String)] = [
            (Array("PAR1".utf8), "a Parquet file"), ([0x1F, 0x8B], "a gzip file"),
            (Array("PK\u{3}\u{4}".utf8), "a ZIP file"),
            ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"), ([0xFF, 0xFE], "UTF-16 text"),
            ([0xFE, 0xFF], "UTF-16 text"),
        ]
        for kind in kinds where kind.bytes.count <= limit {
            let isThis = kind.bytes.indices.allSatisfy { unsafe buffer[$0] == kind.bytes[$0] }
            if isThis {
                throw CSVError(
                    .notCSV, file: name, "this is \(kind.name), not a CSV file", remedy: "convert it to CSV in UTF-8")
            }
        }
    }

    /// Reads on, keeping what begins at ``position``; false where the file has ended.
    func fill() throws(CSVError) -> Bool {
        guard !isAtEnd, let file else { return false }
        let kept = limit - position
        if position > 0 {
            unsafe buffer.update(from: buffer + position, count: kept)
            offsetOfBuffer += position
            position = 0
            limit = kept
        }
        if kept >= capacity { try growBuffer() }
        let count: Int
        do {
            count = unsafe try file.read(into: UnsafeMutableRawPointer(buffer + limit), capacity: capacity - limit)
        } catch {
            throw CSVError(wrapping: error, file: name)
        }
        limit += count
        if count == 0 { finish() }
        unsafe (buffer + limit).update(repeating: 0x7F, count: Self.padding)
        return true
    }

    private func growBuffer() throws(CSVError) {
        guard capacity < Self.maximumRowByteCount else {
            throw CSVError(
                .rowTooLong, file: name, line: nextLine, "the row that begins here has more than \(capacity) bytes",
                remedy: "look for a quotation mark that is never closed")
        }
        let grown: UnsafeMutablePointer<UInt8> = .allocate(capacity: capacity * 2 + Self.padding)
        unsafe grown.initialize(repeating: 0x7F, count: capacity * 2 + Self.padding)
        unsafe grown.update(from: buffer, count: limit)
        unsafe buffer.deallocate()
        unsafe buffer = grown
        capacity *= 2
    }

    /// The last line may lack its line end: the reader adds one, so that every row has one.
    private func finish() {
        isAtEnd = true
        if limit > 0, unsafe buffer[limit - 1] != 0x0A {
            unsafe buffer[limit] = 0x0A
            limit += 1
        }
        unsafe (buffer + limit).update(repeating: 0x7F, count: 8)
    }
}

extension CSVError {
    init(wrapping error: CommandError, file: String) {
        self.init(.cannotRead, file: file, error.message, remedy: error.remedy)
    }
}
