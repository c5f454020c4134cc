/// The name under which a page store keeps a page.
package typealias PanePageHandle = UInt64

/// Where frozen panes go: memory, or a scratch file of the store above.
///
/// Pages are scratch: a checkpoint contains what they hold, so none has to outlive the process. Calls come from whoever
/// holds the view's lock, one at a time.
package protocol PanePageStore: AnyObject {
    /// Keeps the bytes and names them. Throws where there is no room; the panes then stay in memory.
    func write(_ page: [UInt8]) throws(ViewError) -> PanePageHandle
    /// The bytes of a page that was written and not released.
    func read(_ handle: PanePageHandle) throws(ViewError) -> [UInt8]
    /// The page is not needed any more.
    func release(_ handle: PanePageHandle)
    /// The bytes of memory (not of disk) that the pages take.
    var memoryByteCount: Int { get }
}

/// Keeps frozen panes in memory, where they take about a tenth of what live ones do.
package final class InMemoryPanePages: PanePageStore {
    private var pages: [PanePageHandle: [UInt8]] = [:]
    private var next: PanePageHandle = 0
    package private(set) var memoryByteCount = 0
    /// What a page costs beside its bytes: the array's header and its place in the dictionary.
    private static let overhead = 64

    package init() {}

    package var count: Int { pages.count }

    package func write(_ page: [UInt8]) throws(ViewError) -> PanePageHandle {
        next += 1
        pages[next] = page
        memoryByteCount += page.count + InMemoryPanePages.overhead
        return next
    }

    package func read(_ handle: PanePageHandle) throws(ViewError) -> [UInt8] {
        guard let page = pages[handle] else { throw ViewError(.page, "there is no page \(handle) of frozen panes") }
        return page
    }

    package func release(_ handle: PanePageHandle) {
        guard let page = pages.removeValue(forKey: handle) else { return }
        memoryByteCount -= page.count + InMemoryPanePages.overhead
    }
}
