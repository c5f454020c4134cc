import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import colstat

/// Text from data never reaches a terminal as it is: it could write over what was printed, or worse.
@Suite struct HostileTextTests {
    let folder = TemporaryFolder()

    /// Colours, a carriage return, a title, text that runs the other way, a tag, a bell, a NUL, and a line that looks like
    /// the command's own.
    static let texts = [
        "\u{1B}[31mred\u{1B}[0m", "a\rb", "\u{1B}]0;title\u{7}", "\u{202E}gpj.exe", "x\u{0}y", "\u{9B}2J",
        "\n  damage found",
        "\u{2066}x\u{2069}", "\u{61C}", "\u{200B}", "\u{FEFF}", "\u{E0041}", "e\u{301}",
        String(repeating: "long", count: 200),
    ]

    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0A: true
            case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200B, 0x202E, 0x2066...0x2069, 0xFEFF, 0xE0000...0xE007F: false
            default: true
            }
        }
    }

    private func makeStore() throws -> String {
        let path = folder.path("hostile.drumlin")
        let store = try Store.open(path, options: Rides.options)
        let columns =
            [ColumnDefinition("id", .string, isNullable: false)]
            + Self.texts.map { ColumnDefinition("c" + $0.prefix(200), .string) }
        let schema = Schema(columns, indexed: ["id"])
        let table = try store.createTable("t", schema: schema)
        try table.append(
            rows: Self.texts.map { text in
                Dictionary(uniqueKeysWithValues: columns.map { ($0.name, Value.string(text)) })
            })
        try store.seal()
        try table.append(rows: [["id": .string("\u{1B}[2J")]])
        try store.close()
        return path
    }

    @Test func noVerbPrintsWhatATerminalObeys() throws {
        let store = try makeStore()
        let verbs = ["summary", "tables", "schema", "segments", "columns", "pages", "zones", "index", "head", "verify"]
        for verb in verbs {
            let result = folder.colstat(verb, store)
            #expect(isHarmless(result.text) && isHarmless(result.complaints), "\(verb): \(result)")
            #expect(result.status == .fine, "\(verb): \(result)")
            let json = folder.colstat(verb, store, "--json")
            #expect(isHarmless(json.text) || !json.text.contains("\u{1B}"), "\(verb)")
            _ = try json.json
        }
        // What is typed comes back in messages.
        for text in Self.texts {
            for result in [
                folder.colstat("head", store, "--columns", text), folder.colstat(text),
                folder.colstat("pages", store + "/" + text),
            ] { #expect(isHarmless(result.text) && isHarmless(result.complaints), "\(result)") }
        }
    }

    @Test func jsonKeepsTheTextAsItIs() throws {
        let store = try makeStore()
        let rows = folder.colstat("head", store, "-n", "100", "--json").text
        for text in Self.texts where !text.contains("long") {
            let found = try JSONParser.parse(rows)
            #expect(Self.strings(found).contains(text), "\(text.unicodeScalars.map(\.value))")
        }
    }

    private static func strings(_ value: JSONValue) -> Set<String> {
        switch value {
        case .string(let text): [text]
        case .array(let values): values.reduce(into: []) { $0.formUnion(strings($1)) }
        case .object(let object): object.members.reduce(into: []) { $0.formUnion(strings($1.value)) }
        default: []
        }
    }

    @Test func damageInSuchAStoreIsToldHarmlessly() throws {
        let store = try makeStore()
        for file in try folder.files(of: store) where file.hasSuffix(".seg") {
            var bytes = try folder.bytes(file)
            for place in 64..<min(bytes.count, 4_000) where place % 64 == 1 { bytes[place] ^= 0x3C }
            try folder.write(bytes, to: file)
        }
        for result in [
            folder.colstat("verify", store), folder.colstat("salvage", store, "--into", folder.path("new.drumlin")),
        ] {
            #expect(result.status == .refused && isHarmless(result.text) && isHarmless(result.complaints), "\(result)")
        }
    }
}
