/// The little arithmetic on paths that a store needs.
package enum FilePath {
    /// `directory/name`.
    package static func join(_ directory: String, _ name: String) -> String {
        directory.isEmpty ? name : directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }

    /// The directory that holds what `path` names; `.` for a bare name, `/` for the root.
    package static func parent(of path: String) -> String {
        var rest = Substring(path)
        while rest.count > 1, rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else { return rest == "." || rest.isEmpty ? rest + "" : "." }
        let parent = rest[..<slash]
        return parent.isEmpty ? "/" : String(parent)
    }

    /// The part after the last slash; `/` for the root.
    package static func name(of path: String) -> String {
        var rest = Substring(path)
        while rest.count > 1, rest.hasSuffix("/") { rest = rest.dropLast() }
        guard rest != "/", let slash = rest.lastIndex(of: "/") else { return String(rest) }
        return String(rest[rest.index(after: slash)...])
    }
}
