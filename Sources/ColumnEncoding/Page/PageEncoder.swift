package import ColumnFormat

/// Turns the rows of one column of one block into a page: see ``PageReader`` for its bytes. They are a function of the
/// rows and the options alone.
package enum PageEncoder {
    /// The page of any number of rows that are all null: a few bytes, whatever the type.
    package static func nulls(of type: ColumnType) -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt8(1))
        // Validity: the constant 0.
        writer.append(varint: 2)
        writer.append(NodeCode.constant.rawValue)
        writer.append(UInt8(0))
        // Values: a constant of zeros, of text the empty one.
        writer.append(NodeCode.constant.rawValue)
        writer.append(bytes: [UInt8](repeating: 0, count: type.byteWidth ?? 0))
        return writer.bytes
    }

    /// Encodes 1…65,536 rows. O(rows · codecs tried); about 10 to 50 ns a row.
    package static func encode(_ slice: ColumnSlice, options: EncodingOptions = .init()) -> EncodedPage {
        precondition((1...PageLimits.maximumRowCount).contains(slice.count), "a page of \(slice.count) rows")
        return withExtendedLifetime(slice) {
            let nulls = Nulls(slice)
            let values: EncodedNode
            let rawByteCount: Int
            if let shape = slice.type.fixedShape {
                let input = unsafe FixedInput(
                    base: UnsafeRawPointer(slice.pointer(as: UInt8.self)), count: slice.count, shape: shape)
                let filled = nulls?.filling(input) ?? input
                values = withExtendedLifetime(filled) { FixedEncoder.encode(filled, depth: 0, options: options) }
                rawByteCount = input.byteCount
            } else {
                let input = TextInput(slice)
                values = TextEncoder.encode(input, options: options)
                rawByteCount = input.heapByteCount + 4 * slice.count
            }
            return EncodedPage(values, validity: validity(nulls, options), rawByteCount: rawByteCount)
        }
    }

    /// The page of a column whose values follow from others by `relation`; nil where too many rows do not.
    static func encode(
        _ slice: ColumnSlice, as relation: Relation, columns: [ColumnSlice], names: [String], options: EncodingOptions
    ) -> EncodedPage? {
        withExtendedLifetime((slice, columns)) {
            let node = DerivedNode.encode(slice, as: relation, columns: columns, names: names, options: options)
            guard let node, let byteWidth = slice.type.byteWidth else { return nil }
            return EncodedPage(
                node, validity: validity(Nulls(slice), options), rawByteCount: slice.count * byteWidth,
                sources: relation.sources)
        }
    }

    private static func validity(_ nulls: Nulls?, _ options: EncodingOptions) -> EncodedNode? {
        nulls.map { FixedEncoder.encode($0.input, depth: 1, options: options) }
    }
}
