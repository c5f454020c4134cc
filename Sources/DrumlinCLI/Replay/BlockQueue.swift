/// Hands blocks from the thread that makes them to the one that uses them, in order, a few at a time.
final class BlockQueue<Block>: @unchecked Sendable {
    private let condition = Condition()
    private var blocks: [Block] = []
    private var isEnded = false
    private var isCancelled = false
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Adds a block, after waiting for room; false where nobody wants it any more.
    func put(_ block: sending Block) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while blocks.count >= capacity, !isCancelled { condition.wait() }
        guard !isCancelled else { return false }
        blocks.append(block)
        condition.broadcast()
        return true
    }

    /// Says that no block follows.
    func end() {
        condition.lock()
        isEnded = true
        condition.broadcast()
        condition.unlock()
    }

    /// The next block, after waiting for it; nil at the end.
    func take() -> Block? {
        condition.lock()
        defer { condition.unlock() }
        while blocks.isEmpty, !isEnded { condition.wait() }
        guard !blocks.isEmpty else { return nil }
        condition.broadcast()
        return blocks.removeFirst()
    }

    /// Says that no more blocks are wanted.
    func cancel() {
        condition.lock()
        isCancelled = true
        condition.broadcast()
        condition.unlock()
    }
}
