extension FileSystem {
    /// Bytes of all files in the directory at `path` and below it. Files that vanish meanwhile count as nothing, and links,
    /// which a store has none of, are not followed. O(files).
    package func byteCount(below path: String) -> Int {
        var sum = 0
        for name in (try? list(path)) ?? [] {
            let entry = FilePath.join(path, name)
            if (try? isLink(entry)) != false { continue }
            switch (try? kind(of: entry)) ?? FileKind.none {
            case .directory: sum += byteCount(below: entry)
            case .file: sum += (try? byteCount(of: entry)) ?? 0
            case .none, .other: break
            }
        }
        return sum
    }
}
