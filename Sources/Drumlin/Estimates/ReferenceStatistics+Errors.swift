import ColumnFormat

/// The bytes of what regression tasks have beside |e| and e².
extension ReferenceStatistics {
    func writeErrors(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(signedErrors.count))
        for place in signedErrors.indices {
            for moments in [logErrors[place], relativeErrors[place]] {
                for value in [moments.count, moments.mean, moments.variance] { writer.append(value) }
            }
            let signed = signedErrors[place]
            for value in [signed.count] + signed.means + signed.covariances { writer.append(value) }
            let histogram = errorHistograms[place]
            writer.append(varint: UInt64(histogram.cells.count))
            for (cell, count) in zip(histogram.cells, histogram.counts) {
                writer.append(varint: UInt64(cell))
                writer.append(varint: UInt64(count))
            }
        }
    }

    mutating func readErrors(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        for _ in 0..<(try reader.readCount(limit: reader.remaining / 100, of: "places")) {
            let values = try reader.readDoubles(16)
            logErrors.append(RowMoments(count: values[0], mean: values[1], variance: values[2]))
            relativeErrors.append(RowMoments(count: values[3], mean: values[4], variance: values[5]))
            signedErrors.append(
                ErrorMoments(count: values[6], means: Array(values[7..<10]), covariances: Array(values[10..<16])))
            var cells: [Int32] = []
            var counts: [Int64] = []
            for _ in 0..<(try reader.readCount(limit: ErrorHistogram.cellCount, of: "cells")) {
                let cell = Int32(try reader.readCount(limit: ErrorHistogram.cellCount - 1, of: "cells"))
                guard cells.last.map({ $0 < cell }) ?? true else {
                    throw FormatError(.invalid, "cells of errors do not ascend", at: start)
                }
                cells.append(cell)
                counts.append(Int64(try reader.readCount(limit: 1 << 40, of: "rows")))
            }
            errorHistograms.append(SparseHistogram(cells: cells, counts: counts))
        }
    }
}
