import ColumnFormat
import ColumnStore

/// An index run: searched, and read in order.
struct IndexTarget: FuzzTarget {
    func run(_ bytes: [UInt8]) {
        guard let run = try? IndexRun(file: bytes.mapped, path: "x.idx") else { return }
        require(run.entryCount <= bytes.count * 8, "\(run.entryCount) entries in \(bytes.count) bytes")
        for hash: UInt32 in [0, 1, 0x8000_0000, .max, 0x1234_5678] {
            _ = try? run.find(hash: hash) { (row) throws(StoreError) in
                require(row >= run.firstRow && row < run.endRow, "row \(row) of \(run.firstRow)..<\(run.endRow)")
                return false
            }
        }
        _ = try? run.verify()
    }

    func repair(_ bytes: inout [UInt8], using choice: inout SplitMix) { ChecksumRepair.index(&bytes) }

    var seeds: [[UInt8]] { StoreTarget.smallStore().filter { $0.path.hasSuffix(".idx") }.map(\.bytes) }
}
