/// Something that goes wrong at one operation of a simulated disk.
package enum SimulatedFault: Sendable, Equatable {
    /// The power goes before the operation is done; of a write, any part may have arrived.
    case crash
    /// EIO; of a write, a prefix has arrived.
    case inputOutput
    /// ENOSPC; of a write, a prefix has arrived.
    case noSpace
    /// A sync that fails and forgets what it was to make durable, while the files read on as if it were there: what Linux
    /// does. The next sync succeeds. For other operations as `inputOutput`.
    case syncLosesData
    /// A call of write that takes a part of the bytes and says how many.
    case shortWrite
    /// EINTR: a call of write that did nothing and wants to be made again.
    case interrupted
    /// A write that the disk puts so many bytes further on in the file, and calls done.
    case misplacedWrite(by: Int)
    /// A write that the disk forgets and calls done.
    case lostWrite

    /// Whether operations other than writes are done as if nothing were.
    var isOfWrites: Bool {
        switch self {
        case .shortWrite, .interrupted, .misplacedWrite, .lostWrite: true
        case .crash, .inputOutput, .noSpace, .syncLosesData: false
        }
    }
}

/// Something that goes wrong at one read of a simulated disk.
package enum SimulatedReadFault: Sendable, Equatable {
    /// EIO.
    case inputOutput
    /// A call of read that gives a part of what there is.
    case short
    /// EINTR: a call of read that gave nothing and wants to be made again.
    case interrupted
}
