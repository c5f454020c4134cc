import Foundation

/// A document with code blocks, and the source file in which the code of these blocks is compiled.
///
/// In the source file a block is what stands between `// begin` and `// end`, without the indentation of `// begin`. What
/// stands between `// continued` and `// continue` belongs to the program and not to the block.
struct Document {
    let name: String
    let url: URL
    let sourceURL: URL

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The README and all articles but the catalog's first page, which has no code.
    static func all() throws -> [Document] {
        let catalog = root.appendingPathComponent("Sources/Drumlin/Drumlin.docc")
        let articles = try FileManager.default.contentsOfDirectory(atPath: catalog.path)
            .filter { $0.hasSuffix(".md") && $0 != "Drumlin.md" }.sorted()
        return [Document(root.appendingPathComponent("README.md"))]
            + articles.map { Document(catalog.appendingPathComponent($0)) }
    }

    init(_ url: URL) {
        self.url = url
        name = url.deletingPathExtension().lastPathComponent
        sourceURL = Self.root.appendingPathComponent("Tests/Articles/\(name).swift")
    }

    var text: String {
        get throws { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
    }

    /// The blocks that are fenced as Swift, in their order.
    var blocks: [String] {
        get throws {
            var blocks: [String] = []
            var isInside = false
            for line in try text.components(separatedBy: "\n") {
                if isInside, line == "```" {
                    isInside = false
                } else if isInside {
                    blocks[blocks.count - 1] += line + "\n"
                } else if line == "```swift" {
                    isInside = true
                    blocks.append("")
                }
            }
            return blocks
        }
    }

    /// The blocks as they are compiled.
    var compiledBlocks: [String] {
        get throws {
            var blocks: [String] = []
            var indentation: Int?
            for line in String(decoding: try Data(contentsOf: sourceURL), as: UTF8.self).components(separatedBy: "\n") {
                let text = line.trimmingCharacters(in: .whitespaces)
                let space = line.prefix { $0 == " " }.count
                switch text {
                case "// begin":
                    blocks.append("")
                    indentation = space
                case "// continue": indentation = space
                case "// continued", "// end": indentation = nil
                default:
                    guard let indentation else { continue }
                    blocks[blocks.count - 1] += line.dropFirst(min(indentation, space)) + "\n"
                }
            }
            return blocks
        }
    }

    /// Puts the compiled blocks in place of the document's own.
    func record() throws {
        let blocks = try compiledBlocks
        var lines: [String] = []
        var (place, isInside) = (0, false)
        for line in try text.components(separatedBy: "\n") {
            if isInside, line != "```" { continue }
            lines.append(line)
            if isInside {
                isInside = false
            } else if line == "```swift", place < blocks.count {
                lines += blocks[place].dropLast().components(separatedBy: "\n")
                place += 1
                isInside = true
            }
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: url)
    }
}
