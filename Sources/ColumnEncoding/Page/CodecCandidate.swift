/// A codec that may do for some values, with what is thought of it before it is tried.
struct CodecCandidate {
    /// What its node is likely to take.
    let byteCount: Int
    /// Bytes that it must save besides: what opening a node costs that has others within.
    var overhead = 0
    /// What it is likely to cost a reader: see ``DecodeCost``.
    var decodeCost = 0
    let encode: () -> EncodedNode?

    /// The best of what `candidates` make of `count` values, or nil where none costs less than `limit` bytes. They are
    /// tried in the order of what they promise, as long as that is better than what has been made.
    static func best(of candidates: [CodecCandidate], count: Int, limit: Int) -> EncodedNode? {
        let promised = candidates.map { $0.cost($0.byteCount, $0.decodeCost, count) }
        var best: EncodedNode?
        var bestCost = limit
        for index in candidates.indices.sorted(by: { (promised[$0], $0) < (promised[$1], $1) }) {
            guard promised[index] < bestCost, let node = candidates[index].encode() else { continue }
            let cost = candidates[index].cost(node.byteCount, node.decodeCost, count)
            guard cost < bestCost else { continue }
            best = node
            bestCost = cost
        }
        return best
    }

    private func cost(_ byteCount: Int, _ decodeCost: Int, _ count: Int) -> Int {
        byteCount + overhead + DecodeCost.byteCount(decodeCost, count: count)
    }
}
