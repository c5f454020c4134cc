/// For whom the files of a store are, beside their owner, whatever the process' mask says.
public enum StoreAccess: Sendable, CaseIterable {
    /// For the owner alone: files 0600, directories 0700.
    case owner
    /// The owner's group may read: 0640, 0750.
    case group
    /// Everybody may read: 0644, 0755.
    case everyone

    var fileMode: UInt32 {
        switch self {
        case .owner: 0o600
        case .group: 0o640
        case .everyone: 0o644
        }
    }

    var directoryMode: UInt32 {
        switch self {
        case .owner: 0o700
        case .group: 0o750
        case .everyone: 0o755
        }
    }
}
