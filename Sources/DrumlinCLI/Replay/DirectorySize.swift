#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The size of a store on disk.
enum DirectorySize {
    /// Bytes of all files in the directory at `path` and below; files that vanish meanwhile count as nothing.
    static func bytes(_ path: String) -> Int {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return names.reduce(0) { sum, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
            guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else { return sum }
            // Whose type is another on each system.
            switch attributes[.size] {
            case let size as Int: return sum + size
            case let size as UInt64: return sum + Int(clamping: size)
            case let size as Int64: return sum + Int(clamping: size)
            default: return sum
            }
        }
    }
}
