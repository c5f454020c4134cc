internal import ColumnFormat

/// A binary tree of thresholds that sorts rows into leaves, numbered from 0.
struct DecisionTree: Sendable, Equatable {
    /// An inner node sends values at or above `threshold` to `child` + 1, all others (NaN with them) to `child`. A leaf
    /// has the input −1, and `child` is its number.
    struct Node: Sendable, Equatable {
        var threshold: Double
        var input: Int32
        var child: Int32
    }

    let nodes: [Node]
    let leafCount: Int

    init(nodes: [Node], leafCount: Int) {
        self.nodes = nodes
        self.leafCount = leafCount
    }

    /// The tree without a question.
    static let trivial = DecisionTree(nodes: [Node(threshold: 0, input: -1, child: 0)], leafCount: 1)

    /// The leaf of a row.
    @inline(__always)
    func leaf(of values: UnsafeMutableBufferPointer<Double>) -> Int {
        var place = 0
        while true {
            let node = nodes[place]
            if node.input < 0 { return Int(node.child) }
            let isAbove = unsafe values[Int(node.input)] >= node.threshold
            place = Int(node.child) &+ (isAbove ? 1 : 0)
        }
    }

    func write(to writer: inout ByteWriter) {
        writer.append(varint: UInt64(nodes.count))
        for node in nodes {
            writer.append(zigzag: Int64(node.input))
            writer.append(varint: UInt64(node.child))
            if node.input >= 0 { writer.append(node.threshold) }
        }
    }

    /// A tree from bytes; whatever they say, `leaf` ends and its result is below `leafCount`.
    init(from reader: inout ByteReader, inputCount: Int) throws(FormatError) {
        let start = reader.offset
        let count = try reader.readCount(limit: 1 << 16, of: "nodes")
        var nodes: [Node] = []
        var leaves = 0
        for place in 0..<count {
            let input = try reader.readZigzag()
            let child = try reader.readCount(limit: 1 << 16, of: "children")
            guard input >= -1, input < Int64(inputCount),
                input < 0 ? child == leaves : child > place && child + 1 < count
            else { throw FormatError(.invalid, "node \(place) of a tree", at: start) }
            if input < 0 { leaves += 1 }
            nodes.append(
                Node(threshold: input < 0 ? 0 : try reader.readDouble(), input: Int32(input), child: Int32(child)))
        }
        guard leaves > 0 else { throw FormatError(.invalid, "a tree without leaves", at: start) }
        self.init(nodes: nodes, leafCount: leaves)
    }
}
