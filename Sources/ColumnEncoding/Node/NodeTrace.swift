package import ColumnFormat

/// Writes down which nodes are parsed, as a tree: so that no codec needs code for that.
///
/// Recording is for one thread at a time, the one that parses.
package final class NodeTrace: @unchecked Sendable {
    @TaskLocal static var current: NodeTrace?

    /// The children of each node that is being parsed, the outermost first.
    private var open: [[NodeDescription]] = [[]]

    private init() {}

    /// What `body` returns, and the nodes of the pages that it opens.
    package static func record<R>(_ body: () throws -> R) rethrows -> (result: R, nodes: [NodeDescription]) {
        let trace = NodeTrace()
        let result = try $current.withValue(trace) { try body() }
        return (result, trace.open[0])
    }

    func begin() { open.append([]) }

    /// Ends the node that was begun last.
    func end(_ codec: String, count: Int, byteCount: Int) {
        let children = open.removeLast()
        open[open.count - 1].append(
            NodeDescription(name: codec, count: count, byteCount: byteCount, children: children))
    }
}
