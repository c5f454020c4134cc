import ColumnFormat
import ColumnStore
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a store from a stranger can do to whoever opens it: nothing but be refused.
@Suite(.serialized) struct SafetyTests {
    let folder = TemporaryFolder()

    private static let schema = Schema([ColumnDefinition("id", .string, isNullable: false)], indexed: ["id"])

    private func makeStore(_ name: String = "s.drumlin", access: StoreAccess = .owner) throws -> String {
        let path = folder.path(name)
        var options = StoreOptions()
        options.access = access
        options.environment.logChunkByteCount = 4_096
        let store = try Store.open(path, options: options)
        let table = try store.createTable("rides", schema: Self.schema)
        try table.append(rows: (0..<20).map { ["id": .string("ride-\($0)")] })
        try store.seal()
        try table.append(rows: [["id": "last"]])
        try store.close()
        return path
    }

    /// Adds a commit to a store's manifest, as somebody would who knows the format.
    private func craft(_ path: String, _ edits: [ManifestEdit]) throws {
        let current = try String(contentsOfFile: path + "/CURRENT", encoding: .utf8).prefix { $0 != "\n" }
        let file = path + "/" + current
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let header = try unsafe bytes.withUnsafeBytesThrowing { (raw) throws(FormatError) in
            unsafe try LogFileHeader(decoding: raw, kind: .manifest)
        }
        let reader = try LogReader(file: try PosixFileSystem().open(file, .read), kind: .manifest)
        while try reader.next() != nil {}
        bytes = Array(bytes.prefix(reader.offset))
        let payload = ManifestEdit.encode(edits)
        var builder = LogFrameBuilder(
            buffer: LogBuffer(byteCapacity: payload.count + 256), fileSeed: header.seed, fileOffset: reader.offset)
        builder.beginFrame()
        try builder.beginSection(.manifestEdits, tableID: 0, schemaVersion: 0)
        try builder.append(payload)
        builder.endSection(rowCount: 0)
        builder.endFrame(baseSequence: reader.nextSequence, arrivalMicroseconds: 0, durableUpTo: reader.nextSequence)
        bytes += builder.takeBuffer(replacement: LogBuffer(byteCapacity: 0)).copy()
        try Data(bytes).write(to: URL(fileURLWithPath: file))
    }

    private var schemaBytes: [UInt8] {
        var writer = ByteWriter()
        Self.schema.write(to: &writer)
        return writer.bytes
    }

    /// Opening must throw, whichever way, and leave everything beside the store alone.
    private func expectRefusal(_ path: String, _ what: String) throws {
        #expect(throws: StoreError.self, "\(what)") { try Store.openReadOnly(path) }
        #expect(throws: StoreError.self, "\(what)") { try Store.open(path) }
    }

    // MARK: Paths

    @Test func namesOfTablesStayInTheStore() throws {
        for name in ["../outside", "/etc", "a/../../b", "a/b/c", "", ".", "..", "a/", "x\u{0}y", "-rf", "a b", "é"] {
            let path = try makeStore("names.drumlin")
            try craft(path, [.tableCreated(id: 9, name: name, schemaVersion: 1, schemaBytes: schemaBytes)])
            try expectRefusal(path, name)
            try FileManager.default.removeItem(atPath: path)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("outside")))
    }

    @Test func namesOfFilesStayInTheStore() throws {
        let outside = folder.path("victim.seg")
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: outside))
        for name in [
            outside, "../victim.seg", "rides/../../victim.seg", "CURRENT", "LOCK", "rides/x.txt", "log-000001",
        ] {
            let path = try makeStore("files.drumlin")
            let record = SegmentRecord(
                fileName: name, firstRow: 20, rowCount: 5, byteCount: 3, footerChecksum: 0, firstSequence: 1,
                lastSequence: 2)
            try craft(path, [.segmentAdded(tableID: 1, record)])
            try expectRefusal(path, name)
            try FileManager.default.removeItem(atPath: path)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: outside)) == Data([1, 2, 3]))
    }

    // MARK: Links

    @Test func noLinkLeadsOutOfTheStore() throws {
        let manager = FileManager.default
        let target = folder.path("target")
        try Data("precious".utf8).write(to: URL(fileURLWithPath: target))
        let path = try makeStore()
        // What is about to be written over.
        try manager.createSymbolicLink(atPath: path + "/CURRENT.tmp", withDestinationPath: target)
        for number in 1...9 {
            try? manager.createSymbolicLink(
                atPath: path + "/log-00000\(number).tmp", withDestinationPath: target)
            try? manager.createSymbolicLink(
                atPath: path + "/MANIFEST-00000\(number).tmp", withDestinationPath: target)
        }
        try? {
            let store = try Store.open(path); try store.seal(); try store.close()
        }()
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")

        // A file of the store that is elsewhere.
        for suffix in ["LOCK", "CURRENT"] {
            let copy = try makeStore("linked-\(suffix).drumlin")
            try manager.moveItem(atPath: copy + "/" + suffix, toPath: folder.path("moved-\(suffix)"))
            try manager.createSymbolicLink(
                atPath: copy + "/" + suffix, withDestinationPath: folder.path("moved-\(suffix)"))
            #expect(throws: StoreError.self, "\(suffix)") { try Store.open(copy) }
        }
    }

    @Test func aFolderThatIsALinkIsRefused() throws {
        let manager = FileManager.default
        let path = try makeStore()
        let elsewhere = folder.path("elsewhere")
        try manager.moveItem(atPath: path + "/rides", toPath: elsewhere)
        // What looks like a file that a crash left.
        let stray = elsewhere + "/00000000ff.seg"
        try Data([1]).write(to: URL(fileURLWithPath: stray))
        try manager.createSymbolicLink(atPath: path + "/rides", withDestinationPath: elsewhere)
        try expectRefusal(path, "a linked folder")
        #expect(manager.fileExists(atPath: stray))
        // Nor is a link cleaned that no table has.
        try manager.removeItem(atPath: path + "/rides")
        try manager.createDirectory(atPath: path + "/rides", withIntermediateDirectories: false)
        for name in try manager.contentsOfDirectory(atPath: elsewhere) {
            try manager.copyItem(atPath: elsewhere + "/" + name, toPath: path + "/rides/" + name)
        }
        try manager.createSymbolicLink(atPath: path + "/other", withDestinationPath: elsewhere)
        try Store.open(path).close()
        #expect(manager.fileExists(atPath: stray))
    }

    @Test(.timeLimit(.minutes(1))) func aPipeInPlaceOfAFileDoesNotHang() throws {
        let path = try makeStore()
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasPrefix("log-") {
            try FileManager.default.removeItem(atPath: path + "/" + name)
            #expect(unsafe mkfifo(path + "/" + name, 0o600) == 0)
        }
        try expectRefusal(path, "a pipe")
    }

    // MARK: Permissions

    private func permissions(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    /// Whatever the process' mask says.
    @Test(arguments: [(StoreAccess.owner, 0o600, 0o700), (.group, 0o640, 0o750), (.everyone, 0o644, 0o755)])
    func filesAreForThoseWhoAreMeant(access: StoreAccess, file: Int, directory: Int) throws {
        let old = umask(0o077)
        defer { _ = umask(old) }
        let path = try makeStore("\(access).drumlin", access: access)
        #expect(try permissions(path) == directory)
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            let found = try permissions(path + "/" + name)
            #expect(found == (name == "rides" ? directory : file), "\(name): \(String(found, radix: 8))")
        }
    }

    // MARK: Numbers

    @Test func impossibleNumbersAreRefused() throws {
        let huge = UInt64(1) << 63
        func segment(_ first: UInt64, _ count: UInt64) -> ManifestEdit {
            .segmentAdded(
                tableID: 1,
                SegmentRecord(
                    fileName: "rides/00000000aa.seg", firstRow: first, rowCount: count, byteCount: .max,
                    footerChecksum: 1, firstSequence: 1, lastSequence: .max))
        }
        let edits: [[ManifestEdit]] = [
            [segment(20, huge)], [segment(20, huge - 21)], [segment(.max - 3, 2)], [segment(20, .max)],
            [.rowsDropped(tableID: 1, beforeRow: .max)], [.rowsDropped(tableID: 1, beforeRow: huge)],
            [.rowsErased(tableID: 1, RowSet(30..<huge - 1))], [.nextFileNumber(.max)], [.logStart(number: .max)],
            [.logStart(number: huge)], [.nextTableID(.max)], [.logValidLength(number: 3, byteCount: huge - 1)],
            [.tableSchemaChanged(id: 1, schemaVersion: .max, schemaBytes: schemaBytes)],
            [
                .indexRunAdded(
                    tableID: 1,
                    IndexRunRecord(
                        fileName: "rides/00000000ab.idx", firstRow: 0, endRow: .max, entryCount: .max, byteCount: .max,
                        checksum: 1))
            ],
        ]
        for (place, edit) in edits.enumerated() {
            let path = try makeStore("numbers-\(place).drumlin")
            try craft(path, edit)
            // Refused, or of no consequence; nobody traps, and nobody takes memory for what is not there.
            if let store = try? Store.openReadOnly(path) { #expect(try store.table("rides").rowCount <= 21) }
            if let store = try? Store.open(path) {
                try? store.table("rides").append(rows: [["id": "new"]])
                _ = try? store.createTable("more", schema: Self.schema)
                try? store.seal()
                try? store.close()
            }
            _ = try? Inspection.open(path, includingLog: true, currentDirectory: "/")
            if let salvage = try? Salvage(path) { _ = try? salvage.run(into: path + ".new", detaching: []) }
        }
        let path = try makeStore("log.drumlin")
        for name in ["log-18446744073709551615", "MANIFEST-18446744073709551615", "log-9223372036854775808"] {
            try Data([0]).write(to: URL(fileURLWithPath: path + "/" + name))
        }
        if let store = try? Store.open(path) { try store.close() }
    }
}
