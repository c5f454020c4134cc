/// A release of Drumlin, by semantic versioning: the one that runs, or the one that began a file.
///
/// What a file's bytes mean says the version of the format in its header, which changes less often; this says which program to
/// ask about it.
public struct ReleaseVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Changes that need a hand.
    public let major: UInt8
    /// Additions.
    public let minor: UInt8
    /// Corrections.
    public let patch: UInt16

    /// The release that runs.
    public static let current = ReleaseVersion(0, 1, 0)

    package init(_ major: UInt8, _ minor: UInt8, _ patch: UInt16) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// The version of a header; nil for 0, which builds before the first release wrote.
    package init?(code: UInt32) {
        guard code != 0 else { return nil }
        self.init(UInt8(code >> 24), UInt8(code >> 16 & 0xFF), UInt16(code & 0xFFFF))
    }

    /// The version as a header has it.
    package var code: UInt32 { UInt32(major) << 24 | UInt32(minor) << 16 | UInt32(patch) }

    /// `0.1.0`
    public var description: String { "\(major).\(minor).\(patch)" }

    /// By precedence: major, then minor, then patch.
    public static func < (left: ReleaseVersion, right: ReleaseVersion) -> Bool { left.code < right.code }
}
