#if DRUMLIN_INJECTED_BUGS
    import Synchronization

    /// Mistakes that a store like this one is likely to be given one day, each of which the crash tests have to find.
    ///
    /// Compiled only where DRUMLIN_INJECTED_BUGS is set when the package is built (`make bugs`).
    package enum InjectedBug: Int, CaseIterable, Sendable {
        /// A new file's name is not made durable.
        case skipDirectorySync = 1
        /// A file gets its name before its bytes are durable.
        case renameBeforeSync
        /// A frame is taken by its length, without a look at the checksum of its header.
        case trustLength
        /// A frame is taken without a look at the checksum of its payload.
        case trustPayload
        /// What a write took less than it was given is forgotten.
        case ignoreShortWrite
        /// A sync that failed is repeated.
        case retrySync
        /// A checkpoint is used whatever rows it covers.
        case forgetCheckpointSequence
        /// Logs go before the manifest does without them.
        case retireLogEarly
        /// A torn end is taken for an end, and nobody is told where the log ends.
        case dropTornTailCheck
        /// A segment is published although it is not what was to be written.
        case publishUnverified
        /// Rows that the log erased come back with its replay.
        case forgetErasures
        /// A commit of the manifest is not synced.
        case skipManifestSync
        /// A file of the log is left for the next one without a sync.
        case skipSyncOfRotatedLog
        /// A call returns before its sync.
        case acknowledgeEarly
        /// A log that is used again keeps its frames and its id.
        case recycleUncleared

        private static let active = Atomic<Int>(0)

        package var isOn: Bool { Self.active.load(ordering: .relaxed) == rawValue }

        /// Lets one bug bite, in all of this process; nil for none.
        package static func activate(_ bug: InjectedBug?) { active.store(bug?.rawValue ?? 0, ordering: .relaxed) }
    }
#endif
