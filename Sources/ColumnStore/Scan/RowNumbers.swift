internal import Synchronization

/// The row numbers of a batch, which few readers want: made when they are first asked for.
final class RowNumbers: Sendable {
    private let make: @Sendable () -> [UInt64]
    private let made = Mutex<[UInt64]?>(nil)

    init(_ make: @escaping @Sendable () -> [UInt64]) { self.make = make }

    var all: [UInt64] {
        made.withLock { made in
            if let made { return made }
            let numbers = make()
            made = numbers
            return numbers
        }
    }
}
