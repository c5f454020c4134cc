/// Why a store refused, failed or stopped: what happened, where, and how to mend it.
///
/// The code is extensible, so switch over it with a `default`. Nothing that was acknowledged before an error is lost by it.
public struct StoreError: Error, CustomStringConvertible, Sendable {
    /// What kind of error it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) { self.name = name }

        /// Bytes on disk are not what was written. The message names the file and the offset.
        public static let corrupt = Code("corrupt")
        /// Another process has the store open for writing.
        public static let locked = Code("locked")
        /// The operating system failed a read, a write or a sync.
        public static let io = Code("input/output")
        /// The disk, or the quota, is full. The store works on once there is room.
        public static let noSpace = Code("no space")
        /// Written by a later version of the format.
        public static let unsupportedVersion = Code("unsupported version")
        /// A table or task exists with another schema, or a row does not fit its table.
        public static let schemaMismatch = Code("schema mismatch")
        /// An identifier was logged before.
        public static let duplicateID = Code("duplicate id")
        /// The store, or the file, was closed.
        public static let closed = Code("closed")
        /// A value, name or setting that cannot be accepted.
        public static let invalidInput = Code("invalid input")
        /// A file, table or task that does not exist.
        public static let notFound = Code("not found")
        /// Something that must not exist yet does.
        public static let alreadyExists = Code("already exists")
        /// The store was opened for reading only.
        public static let readOnly = Code("read-only")
        /// A sync failed earlier, so nothing can be written until the store is opened again.
        public static let poisoned = Code("poisoned")

        /// The disk does not keep up, memory is full, and the store was told not to wait: see ``BackPressure``.
        public static let overloaded = Code("overloaded")
        /// One of the ``StoreLimits`` was reached.
        public static let limitReached = Code("limit reached")

        /// The process was forked off the one that opened the store.
        public static let forked = Code("forked")

        /// The name of the code.
        public var description: String { name }
    }

    /// What kind of error it is.
    public let code: Code
    /// What was found, and what was expected.
    public let message: String
    /// The file concerned.
    public var path: String?
    /// Where in the file, in bytes from its start.
    public var offset: Int?
    /// What to do about it.
    public var remedy: String?
    /// The error below this one.
    public var cause: (any Error)?

    /// An error with its place and its remedy.
    public init(
        _ code: Code, _ message: String, path: String? = nil, offset: Int? = nil, remedy: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.offset = offset
        self.remedy = remedy
        self.cause = cause
    }

    /// One line: the kind, what is wrong, where, why, and the remedy.
    public var description: String {
        var text = "\(code): \(message)"
        if let path { text += " in \(path)" }
        if let offset { text += " at byte \(offset)" }
        if let cause { text += " (\(cause))" }
        if let remedy { text += "; \(remedy)" }
        return text
    }
}
