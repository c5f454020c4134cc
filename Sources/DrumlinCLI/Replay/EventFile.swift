import CommandSupport
import Drumlin

/// The events of a file, one at a time, in the order of the file: what predictions and labels have in common.
final class EventFile<Payload> {
    /// Whether there is a current event.
    private(set) var hasEvent = false
    /// The time of the current event in µs.
    private(set) var at: Int64 = 0
    /// Events that are earlier than one before them, and the line of the first.
    private(set) var disorderCount = 0
    private(set) var firstDisorderLine = 0
    /// What was read of the file, a few blocks ahead of the current event.
    private(set) var bytesRead = 0

    private let decoder: EventDecoder<Payload>
    private let refusals: RefusalLog
    private var block: EventBlock<Payload>?
    private var position = 0
    private var latest = Int64.min
    private var isStarted = false

    init(_ decoder: EventDecoder<Payload>, refusals: RefusalLog) {
        self.decoder = decoder
        self.refusals = refusals
    }

    deinit { decoder.queue.cancel() }

    /// The size of the file in bytes; nil for a pipe.
    var byteCount: Int? { decoder.byteCount }

    /// The current event's id.
    var id: String { block?.ids[position] ?? "" }

    /// The block and the position in it of the current event.
    var current: (payload: Payload, position: Int)? { block.map { ($0.payload, position) } }

    /// What to say where the file is not in the order of its times.
    var disorder: ReplaySummary.Disorder? {
        guard disorderCount > 0 else { return nil }
        return ReplaySummary.Disorder(file: decoder.name, count: disorderCount, firstLine: firstDisorderLine)
    }

    /// Moves to the next event; rows that could not be decoded are refused.
    ///
    /// - Throws: ``CommandError`` where the policy is to stop, or the file cannot be read.
    func advance() throws(CommandError) {
        if !isStarted {
            isStarted = true
            decoder.start()
        }
        hasEvent = false
        position += 1
        while true {
            guard let block, position < block.count else {
                if let end = block?.end { throw end.commandError }
                block = decoder.queue.take()
                position = 0
                guard let block else { return }
                bytesRead = block.bytesRead
                continue
            }
            if !block.failures.isEmpty, let failure = block.failures[position] {
                position += 1
                try refusals.refuse(failure.commandError)
                continue
            }
            at = block.times[position]
            hasEvent = true
            noteOrder(block.lines[position])
            return
        }
    }

    /// Refuses the current event for what the store says of it; an error that is not about the event ends the replay.
    func refuse(_ error: StoreError) throws(CommandError) {
        guard error.isAboutTheEvent else { throw error.commandError }
        let line = block?.lines[position]
        let place = CSVError(.value, file: decoder.name, line: line, error.message, remedy: error.remedy)
        try refusals.refuse(place.commandError)
    }

    private func noteOrder(_ line: Int) {
        if at < latest {
            disorderCount += 1
            if disorderCount == 1 { firstDisorderLine = line }
        } else {
            latest = at
        }
    }
}
