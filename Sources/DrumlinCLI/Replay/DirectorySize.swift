import Foundation

/// The size of a store on disk.
enum DirectorySize {
    /// Bytes of all files in the directory at `path` and below; files that vanish meanwhile count as nothing.
    static func bytes(_ path: String) -> Int {
        let url = URL(fileURLWithPath: path, isDirectory: true)
        let keys: [URLResourceKey] = [.fileSizeKey]
        guard let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: keys) else { return 0 }
        var sum = 0
        for case let file as URL in files {
            sum += (try? file.resourceValues(forKeys: Set(keys)).fileSize) ?? 0
        }
        return sum
    }
}
