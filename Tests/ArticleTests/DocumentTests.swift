import Foundation
import TestSupport
import Testing

@Suite struct DocumentTests {
    /// `DRUMLIN_RECORD=1` writes the documents' blocks anew from the code that is compiled.
    @Test func codeOfDocumentsIsTheCodeThatIsCompiled() throws {
        for document in try Document.all() {
            if ProcessInfo.processInfo.environment["DRUMLIN_RECORD"] != nil { try document.record() }
            let (blocks, compiled) = (try document.blocks, try document.compiledBlocks)
            #expect(blocks.count == compiled.count, "\(document.name)")
            for (block, code) in zip(blocks, compiled) { #expect(block == code, "\(document.name)") }
        }
    }

    @Test func codeOfDocumentsRuns() throws {
        let program = try #require(Self.program, "Articles was not built: build with --build-tests")
        for document in try Document.all() where try !document.blocks.isEmpty {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drumlin-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let process = Process()
            process.executableURL = program
            process.arguments = [document.name]
            process.currentDirectoryURL = folder
            let output = folder.appendingPathComponent("output")
            try Data().write(to: output)
            let handle = try FileHandle(forWritingTo: output)
            process.standardOutput = handle
            process.standardError = handle
            try process.run()
            process.waitUntilExit()
            let said = String(decoding: try Data(contentsOf: output), as: UTF8.self)
            #expect(process.terminationStatus == 0, "\(document.name): \(said.suffix(2_000))")
            if ProcessInfo.processInfo.environment["DRUMLIN_SHOW"] != nil { print("\(document.name)\n\(said)") }
        }
    }

    /// The program `Articles`, which is built along with the tests.
    private static let program: URL? = {
        // On Linux the running program is the test bundle itself; elsewhere a helper runs it, and the bundle is loaded.
        let bundles = [Bundle.main] + Bundle.allBundles
        let folders = bundles.flatMap { bundle in
            [bundle.executableURL?.deletingLastPathComponent(), bundle.bundleURL.deletingLastPathComponent()]
        }
        return folders.compactMap { $0?.appendingPathComponent("Articles") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()
}
