package import ColumnFormat
internal import ColumnViews

extension CellLayout {
    /// The layout as bytes, with a version before it.
    package func write(to writer: inout ByteWriter) {
        let isPlain = shapes.allSatisfy { if case .buckets = $0 { true } else { false } }
        // The third version alone can keep labels by slot.
        writer.append(UInt8(keepsSlotLabels ? 3 : isPlain ? 1 : 2))
        kind.write(to: &writer)
        // Groups record the order in which epochs and metrics came; what they hold follows from the two lists.
        writer.append(varint: UInt64(metrics.count))
        for metric in metrics { metric.write(to: &writer) }
        writer.append(varint: UInt64(epochCount))
        for epoch in 0..<epochCount {
            let entry = epochTable[epoch + 1]
            writer.append(varint: UInt64(entry.bucketCount))
            writer.append(varint: UInt64(entry.slotsPerBucket))
            bins(ofEpoch: epoch).write(to: &writer)
            if !isPlain || keepsSlotLabels { shapes[epoch + 1].write(to: &writer) }
        }
        writer.append(varint: UInt64(groups.count))
        for group in groups {
            writer.append(group.content.rawValue)
            writer.append(zigzag: Int64(group.epoch))
        }
    }

    /// A layout from bytes that `write` made.
    ///
    /// - Throws: `FormatError` for anything else, without trapping.
    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let version = try reader.read(UInt8.self)
        guard (1...3).contains(version) else {
            throw FormatError(.unsupported, "version \(version) of a cell layout", at: start)
        }
        let kind = try TaskKind(from: &reader)
        self.init(empty: kind, keepsSlotLabels: version == 3)
        let metricCount = try reader.readCount(limit: 10_000, of: "metrics")
        for _ in 0..<metricCount {
            let metric = try Metric(from: &reader)
            guard metric.isDefined(for: kind), !metrics.contains(metric) else {
                throw FormatError(.invalid, "\(metric) twice, or for a \(kind.name) task", at: start)
            }
            metrics.append(metric)
        }
        let bins = kind.isBinary ? ScoreBins.unfitted : ScoreBins(edges: [])
        addEntry(.buckets(count: 1, fixesClass: false), bins: bins)
        let epochCount = try reader.readCount(limit: 1 << 16, of: "epochs")
        for _ in 0..<epochCount {
            let buckets = try reader.readCount(limit: FittedBuckets.countLimit, of: "buckets")
            let slots = try reader.readCount(limit: classCount, of: "slots a bucket")
            guard buckets > 0, slots == 1 || slots == classCount else {
                throw FormatError(.invalid, "\(buckets) buckets of \(slots) slots", at: start)
            }
            let epochBins = try ScoreBins(from: &reader)
            // Where there is one class, a slot a bucket is both.
            let plain = EpochShape.buckets(count: buckets, fixesClass: slots == 1)
            let shape = version == 1 ? plain : try EpochShape(from: &reader, plain: plain)
            guard shape.bucketCount == buckets else {
                throw FormatError(.invalid, "\(shape.bucketCount) buckets of \(buckets)", at: start)
            }
            addEntry(shape, bins: epochBins)
        }
        try readGroups(from: &reader, start: start)
    }

    private mutating func readGroups(from reader: inout ByteReader, start: Int) throws(FormatError) {
        let count = try reader.readCount(limit: 16 + 16 * epochTable.count, of: "groups of cells")
        for _ in 0..<count {
            let code = try reader.read(UInt8.self)
            let epoch = try reader.readZigzag()
            guard let content = CellGroup.Content(rawValue: code), epoch >= -1, epoch < Int64(epochCount),
                !groups.contains(where: { $0.content == content && $0.epoch == Int(epoch) }),
                content.isOfEpoch || epoch == -1
            else { throw FormatError(.invalid, "a group of cells with code \(code) of epoch \(epoch)", at: start) }
            append(content, epoch: Int(epoch), cellCount: cellCount(of: content, epoch: Int(epoch)))
            guard cellCount <= ReservedCell.limit else {
                throw FormatError(.invalid, "\(cellCount) cells", at: start)
            }
        }
        // What `init(kind:)`, `require` and `openEpoch` always make has to be there.
        let made = groups.count
        var complete = self
        for metric in metrics { complete.appendAll(for: metric) }
        guard complete.groups.count == made, groups.count >= 3, groups[0].content == .labelDelays,
            groups[1].content == .labeledCounts, epochTable.allSatisfy({ $0.unlabeledCounts >= 0 })
        else { throw FormatError(.invalid, "groups of cells are missing", at: start) }
    }

    private mutating func appendAll(for metric: Metric) {
        metrics.removeAll { $0 == metric }
        appendGroups(for: metric)
    }
}
