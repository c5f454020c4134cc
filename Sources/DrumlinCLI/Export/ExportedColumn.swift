import CommandSupport
import Drumlin

/// The way to the values of one column of a batch, without a reference count: valid as long as the batch.
@safe
struct ExportedColumn {
    let type: ColumnType
    private let values: UnsafeRawPointer
    private let offsets: UnsafePointer<UInt32>?
    private let heap: UnsafePointer<UInt8>?
    private let validity: UnsafePointer<UInt8>?

    init(_ slice: ColumnSlice) {
        type = slice.type
        unsafe validity = slice.validityPointer
        let start = unsafe slice.pointer(as: UInt8.self)
        unsafe values = UnsafeRawPointer(start)
        unsafe offsets = slice.type.isVariableLength ? slice.pointer(as: UInt32.self) : nil
        unsafe heap = slice.heap.map { unsafe UnsafePointer($0.base.assumingMemoryBound(to: UInt8.self)) }
    }

    @inline(__always)
    func isNull(_ row: Int) -> Bool {
        guard let validity = unsafe validity else { return false }
        return unsafe validity[row] == 0
    }

    /// Where the value of a column of fixed width begins.
    @inline(__always)
    private func place(_ row: Int, width: Int) -> UnsafeRawPointer { unsafe values + row &* width }

    /// Text or bytes.
    func bytes(_ row: Int) -> UnsafeRawBufferPointer {
        guard let offsets = unsafe offsets, let heap = unsafe heap else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let (from, to) = unsafe (Int(offsets[row]), Int(offsets[row + 1]))
        return unsafe UnsafeRawBufferPointer(start: heap + from, count: to - from)
    }

    /// A valid value as a field of a CSV file.
    func appendCSV(_ row: Int, escapesText: Bool, to buffer: inout FieldBuffer) {
        switch type {
        case .string:
            if escapesText {
                buffer.append(csv: PrintableText.escaping(unsafe String(decoding: bytes(row), as: UTF8.self)))
            } else {
                unsafe buffer.append(csv: bytes(row))
            }
        case .bytes:
            let value = unsafe bytes(row)
            if unsafe value.isEmpty { buffer.append("\"\"") } else { unsafe buffer.append(hexadecimal: value) }
        case .timestamp: unsafe buffer.append(time: place(row, width: 8).load(as: Int64.self))
        case .uuid: unsafe buffer.append(uuid: place(row, width: 16))
        case .vector(let dimension):
            // Its text holds commas, so it is quoted; the quotation marks of NaN are doubled then.
            buffer.append(byte: 0x22)
            appendVector(row, dimension, quote: "\"\"", to: &buffer)
            buffer.append(byte: 0x22)
        default: appendNumber(row, to: &buffer)
        }
    }

    /// A valid value as JSON; NaN and infinite numbers are strings.
    func appendJSON(_ row: Int, to buffer: inout FieldBuffer) {
        switch type {
        case .string: unsafe buffer.append(json: bytes(row))
        case .bytes:
            buffer.append(byte: 0x22)
            unsafe buffer.append(hexadecimal: bytes(row))
            buffer.append(byte: 0x22)
        case .timestamp:
            buffer.append(byte: 0x22)
            unsafe buffer.append(time: place(row, width: 8).load(as: Int64.self))
            buffer.append(byte: 0x22)
        case .uuid:
            buffer.append(byte: 0x22)
            unsafe buffer.append(uuid: place(row, width: 16))
            buffer.append(byte: 0x22)
        case .vector(let dimension): appendVector(row, dimension, quote: "\"", to: &buffer)
        case .float32 where unsafe !place(row, width: 4).load(as: Float.self).isFinite,
            .float64 where unsafe !place(row, width: 8).load(as: Double.self).isFinite:
            buffer.append(byte: 0x22)
            appendNumber(row, to: &buffer)
            buffer.append(byte: 0x22)
        default: appendNumber(row, to: &buffer)
        }
    }

    private func appendNumber(_ row: Int, to buffer: inout FieldBuffer) {
        switch type {
        case .bool: buffer.append(unsafe place(row, width: 1).load(as: UInt8.self) != 0 ? "true" : "false")
        case .int8: unsafe buffer.append(integer: Int64(place(row, width: 1).load(as: Int8.self)))
        case .int16: unsafe buffer.append(integer: Int64(place(row, width: 2).load(as: Int16.self)))
        case .int32: unsafe buffer.append(integer: Int64(place(row, width: 4).load(as: Int32.self)))
        case .int64: unsafe buffer.append(integer: place(row, width: 8).load(as: Int64.self))
        case .uint8: unsafe buffer.append(integer: UInt64(place(row, width: 1).load(as: UInt8.self)))
        case .uint16: unsafe buffer.append(integer: UInt64(place(row, width: 2).load(as: UInt16.self)))
        case .uint32: unsafe buffer.append(integer: UInt64(place(row, width: 4).load(as: UInt32.self)))
        case .uint64: unsafe buffer.append(integer: place(row, width: 8).load(as: UInt64.self))
        case .float32: unsafe buffer.append(real: place(row, width: 4).load(as: Float.self))
        case .float64: unsafe buffer.append(real: place(row, width: 8).load(as: Double.self))
        case .string, .bytes, .timestamp, .uuid, .vector: break
        }
    }

    private func appendVector(_ row: Int, _ dimension: Int, quote: String, to buffer: inout FieldBuffer) {
        let first = unsafe place(row, width: 4 * dimension)
        buffer.append(byte: UInt8(ascii: "["))
        for index in 0..<dimension {
            if index > 0 { buffer.append(byte: UInt8(ascii: ",")) }
            let value = unsafe first.load(fromByteOffset: 4 * index, as: Float.self)
            if !value.isFinite { buffer.append(quote) }
            buffer.append(real: value)
            if !value.isFinite { buffer.append(quote) }
        }
        buffer.append(byte: UInt8(ascii: "]"))
    }
}
