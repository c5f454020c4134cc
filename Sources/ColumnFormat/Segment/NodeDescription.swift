/// One node of a page, for people: what colstat shows of it.
package struct NodeDescription: Sendable, Equatable {
    /// The codec, without its children.
    package var name: String
    /// How many values it holds; of stored bytes, how many those are without compression.
    package var count: Int
    /// Its bytes in the page, children included.
    package var byteCount: Int
    package var children: [NodeDescription]

    package init(name: String, count: Int, byteCount: Int, children: [NodeDescription]) {
        self.name = name
        self.count = count
        self.byteCount = byteCount
        self.children = children
    }

    /// Its bytes without those of its children: parameters, and what it holds itself.
    package var ownByteCount: Int { byteCount - children.reduce(0) { $0 + $1.byteCount } }
}
