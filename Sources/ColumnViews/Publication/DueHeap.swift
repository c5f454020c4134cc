/// A binary heap of watched windows by the time at which they are due. A window may stand in it several times: only the
/// time that its state names counts.
struct DueHeap: Sendable {
    struct Item: Sendable {
        let due: Int64
        let key: WatchedWindow.Key
    }

    private var items: [Item] = []

    var first: Item? { items.first }
    var count: Int { items.count }

    mutating func insert(_ item: Item) {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].due < items[parent].due else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> Item? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return first }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
                if items[child].due < items[least].due { least = child }
            }
            if least == parent { return first }
            items.swapAt(parent, least)
            parent = least
        }
    }

    mutating func removeAll() { items.removeAll() }
}
