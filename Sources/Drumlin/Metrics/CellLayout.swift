internal import ColumnFormat
import ColumnViews

/// Which cell of a window's state means what, for one task.
///
/// A window's state is a flat vector of Int64 cells; each prediction and each label adds ±integers to some of them
/// (`CellLayout+Events.swift`), and `MetricEvaluator` reads them. Cells come in groups, in the order in which they were
/// needed:
///
///     predictions, unlabeled │ label delays │ labeled counts │ unlabeled counts without epoch │ …of epoch 0 │ …
///
/// The first two are `ReservedCell`s, which the views read too.
///
/// **Cell numbers are stable**: opening an epoch or needing another metric only appends groups at the end, so the state
/// of old panes stays valid. The cells of appended groups must be filled from the stored rows: replay the events through
/// a sink that passes on only what is at or above the old `cellCount`.
///
/// The epoch −1 is that of rows logged before any reference was; it has one bucket.
package struct CellLayout: Sendable, Equatable {
    package let kind: TaskKind
    /// Whether it keeps what estimates need that shrink toward a window's own labels.
    package let keepsSlotLabels: Bool
    /// The metrics that were ever needed, in that order.
    package internal(set) var metrics: [Metric] = []
    package private(set) var groups: [CellGroup] = []
    package private(set) var cellCount = ReservedCell.firstFree

    // What the events look up, derived from the groups.
    @usableFromInline package private(set) var classCount: Int
    @usableFromInline package private(set) var labelDelays = 0
    @usableFromInline package private(set) var labeledCounts = 0
    @usableFromInline package private(set) var labeledBrier = -1
    @usableFromInline package private(set) var labeledLogLoss = -1
    @usableFromInline package private(set) var labeledAbsoluteErrors = -1
    @usableFromInline package private(set) var labeledSquaredErrors = -1
    @usableFromInline package private(set) var labeledLogErrors = -1
    @usableFromInline package private(set) var labeledRelativeErrors = -1
    @usableFromInline package private(set) var labeledSignedErrors = -1
    @usableFromInline package private(set) var labeledTargets = -1
    @usableFromInline package private(set) var labeledErrorHistogram = -1
    @usableFromInline package private(set) var predictedValues = -1
    @usableFromInline package private(set) var labeledTenths = -1
    /// Entry e + 1 is epoch e's; entry 0 is that of the rows without one.
    @usableFromInline package private(set) var epochTable: [EpochCells] = []
    /// As `epochTable`, for regressions whose estimates shrink toward labels.
    package private(set) var slotErrorTable: [SlotErrors] = []
    /// The edges of all epochs' score histograms, one after another.
    @usableFromInline package private(set) var edges: [Double] = []
    /// The first slot and the chance of each level, of all epochs that have levels.
    @usableFromInline package private(set) var levelSlots: [Int32] = []
    @usableFromInline package private(set) var levelChances: [Int64] = []
    /// Whether some epoch's rows have chances of each class: see `addClassChances`.
    @usableFromInline package private(set) var hasClassChances = false
    /// The shapes of the epochs, from epoch −1 on.
    private(set) var shapes: [EpochShape] = []

    /// Where an epoch's cells are; −1 for groups that are not there.
    @usableFromInline
    package struct EpochCells: Sendable, Equatable {
        @usableFromInline package var bucketCount = 1
        /// The slots a bucket has: one for each class, or 1 where a bucket's rows have the same class anyway.
        @usableFromInline package var slotsPerBucket = 1
        /// How many slots there are, and what they are.
        @usableFromInline package var slotCount = 1
        @usableFromInline package var form = Form.buckets
        /// Levels: where its levels begin in `levelSlots` and `levelChances`. Pairs: the leaves of the second tree.
        @usableFromInline package var firstLevel = 0
        @usableFromInline package var pairWidth = 1
        @usableFromInline package var chances = -1
        @usableFromInline package var chanceHistogram = -1
        @usableFromInline package var chanceMoments = -1
        @usableFromInline package var chanceLogarithms = -1
        @usableFromInline package var unlabeledTenths = -1
        @usableFromInline package var classChances = -1
        @usableFromInline package var classLogarithms = -1
        @usableFromInline package var slotLabels = -1
        @usableFromInline package var labeledChances = -1
        @usableFromInline package var labeledChanceHistogram = -1
        @usableFromInline package var unlabeledCounts = -1
        @usableFromInline package var scoreMoments = -1
        @usableFromInline package var scoreLogarithms = -1
        @usableFromInline package var scoreHistogram = -1
        @usableFromInline package var firstEdge = 0
        @usableFromInline package var edgeCount = 0

        /// See `EpochShape`.
        @usableFromInline
        package enum Form: UInt8, Sendable { case buckets, levels, pairs, classes }
    }

    /// The layout of a task without metrics or epochs: label delays, labeled counts, and the number without a label.
    package init(kind: TaskKind, keepsSlotLabels: Bool = false) {
        self.kind = kind
        self.keepsSlotLabels = keepsSlotLabels
        classCount = kind.classCount
        append(.labelDelays, epoch: -1, cellCount: DelayHistogram.cellCount)
        append(.labeledCounts, epoch: -1, cellCount: classCount * classCount)
        addEpoch(.buckets(count: 1, fixesClass: false), bins: kind.isBinary ? .unfitted : ScoreBins(edges: []))
    }

    /// The number of epochs opened.
    package var epochCount: Int { epochTable.count - 1 }

    /// The edges of an epoch's score histogram; epoch −1 has fixed ones.
    package func bins(ofEpoch epoch: Int) -> ScoreBins {
        let entry = epochTable[epoch + 1]
        return ScoreBins(edges: Array(edges[entry.firstEdge..<(entry.firstEdge + entry.edgeCount)]))
    }

    package func cells(ofEpoch epoch: Int) -> EpochCells { epochTable[epoch + 1] }

    /// Makes room for what a metric needs; nothing changes where it is there already.
    ///
    /// - Precondition: `metric.isDefined(for: kind)`.
    /// - Throws: `TooManyCells`, and changes nothing.
    package mutating func require(_ metric: Metric) throws(TooManyCells) {
        precondition(metric.isDefined(for: kind), "\(metric) is not defined for a \(kind.name) task")
        guard !metrics.contains(metric) else { return }
        var grown = self
        grown.appendGroups(for: metric)
        try grown.checkLimit()
        self = grown
    }

    mutating func appendGroups(for metric: Metric) {
        metrics.append(metric)
        for content in Self.contents(for: metric) { appendOnce(content) }
        for epoch in -1..<epochCount { appendNeededGroups(ofEpoch: epoch) }
    }

    /// Appends an epoch's cells and returns its index, counted from 0.
    ///
    /// - Throws: `TooManyCells`, and changes nothing.
    /// - Parameters:
    ///   - bucketCount: how many buckets `FittedBuckets` has.
    ///   - fixesClass: whether bucket b holds rows of predicted class b mod K only.
    ///   - bins: the score histogram's cells, for binary tasks.
    package mutating func openEpoch(bucketCount: Int, fixesClass: Bool, bins: ScoreBins) throws(TooManyCells) -> Int {
        try openEpoch(.buckets(count: bucketCount, fixesClass: fixesClass), bins: bins)
    }

    /// The same for buckets of any shape.
    package mutating func openEpoch(_ shape: EpochShape, bins: ScoreBins) throws(TooManyCells) -> Int {
        var grown = self
        grown.addEpoch(shape, bins: bins)
        try grown.checkLimit()
        self = grown
        return epochCount - 1
    }

    /// A task has more classes, buckets and epochs than a window's state has room for.
    package struct TooManyCells: Error, Equatable, CustomStringConvertible, Sendable {
        package let cellCount: Int

        package var description: String {
            "the classes and buckets of this task need \(cellCount) counters a window; at most "
                + "\(ReservedCell.limit) are possible: use fewer buckets"
        }
    }

    private func checkLimit() throws(TooManyCells) {
        if cellCount > ReservedCell.limit { throw TooManyCells(cellCount: cellCount) }
    }

    private mutating func addEpoch(_ shape: EpochShape, bins: ScoreBins) {
        addEntry(shape, bins: bins)
        appendNeededGroups(ofEpoch: epochCount - 1)
    }

    private mutating func appendNeededGroups(ofEpoch epoch: Int) {
        let entry = epochTable[epoch + 1]
        if entry.unlabeledCounts < 0 { append(.unlabeledCounts, epoch: epoch, cellCount: entry.slotCount) }
        if entry.chances < 0, entry.form == .levels { append(.chances, epoch: epoch, cellCount: entry.slotCount) }
        if keepsSlotLabels, epoch >= 0 { appendSlotLabels(ofEpoch: epoch) }
        if entry.form == .classes {
            if entry.classChances < 0 {
                append(.classChances, epoch: epoch, cellCount: cellCount(of: .classChances, epoch: epoch))
            }
            if entry.classLogarithms < 0, metrics.contains(.logLoss) {
                append(.classLogarithms, epoch: epoch, cellCount: cellCount(of: .classLogarithms, epoch: epoch))
            }
        }
        guard kind.isBinary else { return }
        let sums = 2 * FixedPointSum.cellCount * entry.slotCount
        if entry.form == .levels {
            if entry.chanceMoments < 0, metrics.contains(.brier) {
                append(.chanceMoments, epoch: epoch, cellCount: sums / 2)
            }
            if entry.chanceLogarithms < 0, metrics.contains(.logLoss) {
                append(.chanceLogarithms, epoch: epoch, cellCount: sums / 2)
            }
            if entry.unlabeledTenths < 0, metrics.contains(.expectedCalibrationError) {
                append(.unlabeledTenths, epoch: epoch, cellCount: cellCount(of: .unlabeledTenths, epoch: epoch))
            }
            if entry.chanceHistogram < 0, metrics.contains(where: \.form.isOfScores) {
                append(.chanceHistogram, epoch: epoch, cellCount: entry.edgeCount + 1)
            }
        }
        if entry.scoreMoments < 0, metrics.contains(.brier) { append(.scoreMoments, epoch: epoch, cellCount: sums) }
        if entry.scoreLogarithms < 0, metrics.contains(.logLoss) {
            append(.scoreLogarithms, epoch: epoch, cellCount: sums)
        }
        if entry.scoreHistogram < 0, metrics.contains(where: \.form.isOfScores) {
            append(.scoreHistogram, epoch: epoch, cellCount: 3 * (entry.edgeCount + 1))
        }
    }

    private mutating func appendSlotLabels(ofEpoch epoch: Int) {
        let entry = epochTable[epoch + 1]
        var contents: [CellGroup.Content] = []
        if entry.slotLabels < 0 { contents.append(.slotLabels) }
        if entry.form == .levels {
            if entry.labeledChances < 0 { contents.append(.labeledChances) }
            if entry.labeledChanceHistogram < 0, metrics.contains(where: \.form.isOfScores) {
                contents.append(.labeledChanceHistogram)
            }
        }
        for metric in metrics {
            for content in SlotErrors.contents(for: metric)
            where slotErrorTable[epoch + 1].base(of: content) < 0 && !contents.contains(content) {
                contents.append(content)
            }
        }
        for content in contents { append(content, epoch: epoch, cellCount: cellCount(of: content, epoch: epoch)) }
    }

    /// What a metric needs beside the cells of the epochs.
    private static func contents(for metric: Metric) -> [CellGroup.Content] {
        switch metric.form {
        case .brier: [.labeledBrier]
        case .logLoss: [.labeledLogLoss]
        case .mae: [.labeledAbsoluteErrors]
        case .mse, .rmse: [.labeledSquaredErrors]
        case .msle, .rmsle: [.labeledLogErrors]
        case .mape: [.labeledRelativeErrors]
        case .meanError: [.labeledSignedErrors]
        case .r2: [.labeledSquaredErrors, .labeledTargets, .predictedValues]
        case .absoluteErrorQuantile: [.labeledErrorHistogram]
        case .expectedCalibrationError: [.labeledTenths]
        default: []
        }
    }

    private mutating func appendOnce(_ content: CellGroup.Content) {
        guard !groups.contains(where: { $0.content == content }) else { return }
        append(content, epoch: -1, cellCount: cellCount(of: content, epoch: -1))
    }

    mutating func append(_ content: CellGroup.Content, epoch: Int, cellCount count: Int) {
        let group = CellGroup(content: content, epoch: epoch, firstCell: cellCount, cellCount: count)
        groups.append(group)
        cellCount += count
        switch content {
        case .labelDelays: labelDelays = group.firstCell
        case .labeledCounts: labeledCounts = group.firstCell
        case .labeledBrier: labeledBrier = group.firstCell
        case .labeledLogLoss: labeledLogLoss = group.firstCell
        case .labeledAbsoluteErrors: labeledAbsoluteErrors = group.firstCell
        case .labeledSquaredErrors: labeledSquaredErrors = group.firstCell
        case .labeledLogErrors: labeledLogErrors = group.firstCell
        case .labeledRelativeErrors: labeledRelativeErrors = group.firstCell
        case .labeledSignedErrors: labeledSignedErrors = group.firstCell
        case .labeledTargets: labeledTargets = group.firstCell
        case .labeledErrorHistogram: labeledErrorHistogram = group.firstCell
        case .predictedValues: predictedValues = group.firstCell
        case .labeledTenths: labeledTenths = group.firstCell
        case .unlabeledTenths: epochTable[epoch + 1].unlabeledTenths = group.firstCell
        case .unlabeledCounts: epochTable[epoch + 1].unlabeledCounts = group.firstCell
        case .scoreMoments: epochTable[epoch + 1].scoreMoments = group.firstCell
        case .scoreLogarithms: epochTable[epoch + 1].scoreLogarithms = group.firstCell
        case .scoreHistogram: epochTable[epoch + 1].scoreHistogram = group.firstCell
        case .chances: epochTable[epoch + 1].chances = group.firstCell
        case .chanceHistogram: epochTable[epoch + 1].chanceHistogram = group.firstCell
        case .chanceMoments: epochTable[epoch + 1].chanceMoments = group.firstCell
        case .chanceLogarithms: epochTable[epoch + 1].chanceLogarithms = group.firstCell
        case .classChances: epochTable[epoch + 1].classChances = group.firstCell
        case .classLogarithms: epochTable[epoch + 1].classLogarithms = group.firstCell
        case .slotLabels: epochTable[epoch + 1].slotLabels = group.firstCell
        case .labeledChances: epochTable[epoch + 1].labeledChances = group.firstCell
        case .labeledChanceHistogram: epochTable[epoch + 1].labeledChanceHistogram = group.firstCell
        case .slotAbsoluteErrors: slotErrorTable[epoch + 1].absolute = group.firstCell
        case .slotSquaredErrors: slotErrorTable[epoch + 1].squared = group.firstCell
        case .slotLogErrors: slotErrorTable[epoch + 1].log = group.firstCell
        case .slotRelativeErrors: slotErrorTable[epoch + 1].relative = group.firstCell
        case .slotSignedErrors: slotErrorTable[epoch + 1].signed = group.firstCell
        case .slotErrorProducts: slotErrorTable[epoch + 1].products = group.firstCell
        }
    }

    /// A layout of nothing, to be filled.
    init(empty kind: TaskKind, keepsSlotLabels: Bool) {
        self.kind = kind
        self.keepsSlotLabels = keepsSlotLabels
        classCount = kind.classCount
    }

    mutating func addEntry(_ shape: EpochShape, bins: ScoreBins) {
        var entry = EpochCells()
        entry.bucketCount = shape.bucketCount
        switch shape {
        case .buckets(let count, let fixesClass):
            entry.slotsPerBucket = fixesClass ? 1 : classCount
            entry.slotCount = count * entry.slotsPerBucket
        case .levels(let table):
            entry.form = .levels
            entry.slotCount = table.groupCount * classCount
            entry.firstLevel = levelSlots.count
            levelSlots += table.groups.map { Int32($0) * Int32(classCount) }
            levelChances += table.chances
        case .pairs(let first, let second):
            entry.form = .pairs
            entry.slotCount = first + second
            entry.pairWidth = second
        case .classes(let count):
            entry.form = .classes
            entry.slotCount = count
            hasClassChances = true
        }
        // With one class both mean the same, and equal layouts are to be equal.
        if case .buckets(let count, let fixes) = shape {
            shapes.append(.buckets(count: count, fixesClass: fixes || classCount == 1))
        } else {
            shapes.append(shape)
        }
        entry.firstEdge = edges.count
        entry.edgeCount = bins.edges.count
        edges += bins.edges
        epochTable.append(entry)
        slotErrorTable.append(SlotErrors())
    }

    func cellCount(of content: CellGroup.Content, epoch: Int) -> Int {
        let entry = epochTable[epoch + 1]
        return switch content {
        case .labelDelays: DelayHistogram.cellCount
        case .labeledCounts: classCount * classCount
        case .labeledBrier: FixedPointSum.cellCount
        case .labeledLogLoss: FixedPointSum.cellCount + 1
        case .labeledAbsoluteErrors, .labeledSquaredErrors, .labeledLogErrors, .labeledRelativeErrors,
            .labeledSignedErrors:
            ExactSum.cellCount
        case .labeledTargets, .predictedValues: 2 * ExactSum.cellCount
        case .labeledErrorHistogram: ErrorHistogram.cellCount
        case .labeledTenths: 10 * Self.labeledTenthCells
        case .unlabeledTenths: 10 * Self.unlabeledTenthCells
        case .unlabeledCounts: entry.slotCount
        case .scoreMoments, .scoreLogarithms: 2 * FixedPointSum.cellCount * entry.slotCount
        case .scoreHistogram: 3 * (entry.edgeCount + 1)
        case .chances, .labeledChances: entry.slotCount
        case .chanceHistogram, .labeledChanceHistogram: entry.edgeCount + 1
        case .chanceMoments, .chanceLogarithms, .classLogarithms: FixedPointSum.cellCount * entry.slotCount
        case .classChances, .slotLabels: classCount * entry.slotCount
        case .slotAbsoluteErrors, .slotSquaredErrors, .slotLogErrors, .slotRelativeErrors, .slotSignedErrors,
            .slotErrorProducts:
            ExactSum.cellCount * entry.slotCount
        }
    }
}

extension TaskKind {
    var isBinary: Bool { if case .binary = self { true } else { false } }
    var isRegression: Bool { if case .regression = self { true } else { false } }
}
