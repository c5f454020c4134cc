import ColumnFormat
import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import colstat

@Suite struct DamageTests {
    let folder = TemporaryFolder()

    func damages(_ result: CommandResult) throws -> [(file: String, offset: Int?)] {
        try report(result).map { ($0.file, $0.offset) }
    }

    /// What is said of each damage; of a flipped bit, its number in the file.
    func report(_ result: CommandResult) throws -> [(file: String, offset: Int?, bit: Int?)] {
        guard case .object(let report) = try result.json, case .array(let list)? = report["damages"] else { return [] }
        return list.compactMap { damage -> (file: String, offset: Int?, bit: Int?)? in
            guard case .object(let damage) = damage, case .string(let file)? = damage["file"] else { return nil }
            let (byte, bit) = (
                damage["flipped_byte"]?.doubleValue.map { Int($0) }, damage["flipped_bit"]?.doubleValue.map { Int($0) }
            )
            return (file, damage["offset"]?.doubleValue.map { Int($0) }, byte.map { $0 * 8 + (bit ?? 0) })
        }
    }

    @Test func wholeStoresVerify() throws {
        for store in [try Rides.make(folder), try Tips.make(folder)] {
            let result = folder.colstat("verify", store)
            #expect(result.status == .fine && result.complaints.isEmpty, "\(result)")
            #expect(result.text.contains("all is as it was written"))
            guard case .object(let report) = try folder.colstat("verify", store, "--json").json else { continue }
            #expect(report["ok"] == .bool(true) && (report["pages"]?.doubleValue ?? 0) > 0)
        }
    }

    /// Flips bits all over every file, one at a time: each is found, in the file that it is in.
    @Test func everyFlippedByteIsFound() throws {
        let stores = [try Rides.make(folder), try Tips.make(folder)]
        for store in stores {
            for file in try folder.files(of: store) {
                let whole = try folder.bytes(file)
                // A log is longer than what it holds; what is changed in the zeros behind its last frame is found too.
                for offset in stride(from: 0, to: whole.count, by: max(1, whole.count / 23)) {
                    var damaged = whole
                    damaged[offset] ^= 1 << UInt8(offset % 8)
                    try folder.write(damaged, to: file)
                    let result = folder.colstat("verify", store, "--json")
                    #expect(result.status == .refused, "\(file), byte \(offset): \(result.complaints)")
                    guard result.status == .refused, !result.text.isEmpty else { continue }
                    let found = try report(result)
                    #expect(
                        found.contains { $0.file == file && $0.bit == offset * 8 + offset % 8 },
                        "\(file), byte \(offset): \(found)")
                }
                try folder.write(whole, to: file)
            }
            #expect(folder.colstat("verify", store).status == .fine)
        }
    }

    @Test func everyTruncatedFileIsFound() throws {
        let store = try Tips.make(folder)
        for file in try folder.files(of: store) where !file.contains("/log-") {
            let whole = try folder.bytes(file)
            for count in [0, 1, whole.count / 2, whole.count - 1] {
                try folder.write(Array(whole.prefix(count)), to: file)
                let result = folder.colstat("verify", store)
                #expect(result.status == .refused, "\(file) cut to \(count) bytes: \(result)")
            }
            try FileManager.default.removeItem(atPath: file)
            #expect(folder.colstat("verify", store).status != .fine, "\(file) removed")
            try folder.write(whole, to: file)
        }
    }

    @Test func damageHasItsPlace() throws {
        let store = try Rides.make(folder)
        let file = try #require(try folder.files(of: store).first { $0.hasSuffix(".seg") })
        var bytes = try folder.bytes(file)
        bytes[64] ^= 0x10
        bytes[bytes.count / 2] ^= 0x10
        try folder.write(bytes, to: file)
        let result = folder.colstat("verify", store)
        #expect(result.status == .refused && result.text.contains("damage: \(file), byte 64: block 0 of column 'id'"))
        #expect(result.text.contains("found\n") && result.complaints.isEmpty)
        // Opening does not read pages, so the rest can be looked at.
        #expect(folder.colstat(store).status == .fine && folder.colstat("columns", store).status == .fine)
        #expect(result.text.contains("affects rides, column id, rows 0 to 999"))
        #expect(result.text.contains("colstat salvage \(store) --into NEW"))
        #expect(result.text.contains("one bit flipped: byte 64, bit 4"))
        #expect(folder.colstat("verify", store, "--values").status == .refused)
        let head = folder.colstat("head", store)
        #expect(head.status == .refused && head.complaints.contains("\(file), byte 64"))
        #expect(folder.colstat("head", store, "--tail").status == .fine)
    }

    @Test func oneDamagedFooterLeavesTheRest() throws {
        let store = try Rides.make(folder)
        let file = try #require(try folder.files(of: store).first { $0.hasSuffix(".seg") })
        var bytes = try folder.bytes(file)
        bytes[bytes.count - 30] ^= 1
        try folder.write(bytes, to: file)
        let summary = folder.colstat(store)
        #expect(summary.status == .refused && summary.text.contains("damage       \(file), byte "))
        #expect(summary.text.contains("1,507"))
        let columns = folder.colstat("columns", store)
        #expect(columns.status == .refused && columns.text.contains("500 rows"))
        #expect(columns.complaints.hasPrefix("damage: \(file), byte "))
        #expect(folder.colstat("segments", store).text.contains("damaged"))
        #expect(folder.colstat("head", store).status == .refused)
        #expect(folder.colstat(file).status == .refused)
    }

    @Test func aDamagedManifestIsDamage() throws {
        let store = try Rides.make(folder)
        let file = try #require(try folder.files(of: store).first { $0.contains("MANIFEST") })
        var bytes = try folder.bytes(file)
        bytes[70] ^= 1
        try folder.write(bytes, to: file)
        for verb in ["summary", "tables", "head", "verify"] {
            let result = folder.colstat(verb, store)
            #expect(result.status == .refused, "\(verb): \(result)")
            #expect((result.complaints + result.text).contains(file), "\(verb): \(result)")
        }
        try FileManager.default.removeItem(atPath: store + "/CURRENT")
        let result = folder.colstat(store)
        #expect(result.status == .refused && result.complaints.contains("CURRENT"))
    }

    /// What a crash leaves: the store was not closed, so nobody knows where its newest log should end.
    @Test func aTornLogIsToldAndItsRowsBeforeAreThere() throws {
        let live = try Store.open(try Rides.make(folder), options: Rides.options)
        let table = try live.table("rides")
        for number in 1_507..<1_510 { try table.append(rows: [Rides.row(number)]) }
        let store = folder.path("crashed.drumlin")
        try FileManager.default.copyItem(atPath: live.path, toPath: store)
        try live.close()
        let log = try flipLastByte(ofLogIn: store)
        let summary = folder.colstat(store)
        #expect(summary.status == .fine && summary.text.contains("9 rows not sealed yet"), "\(summary)")
        #expect(summary.text.contains("torn frame at byte"))
        let verify = folder.colstat("verify", store)
        #expect(verify.status == .refused && verify.text.contains(log))
    }

    /// A store that was closed has its log's end on record: a frame that is not whole is damage, to all who open it.
    @Test func aDamagedEndOfAClosedLogIsNoTear() throws {
        let store = try Rides.make(folder)
        let log = try flipLastByte(ofLogIn: store)
        for verb in ["summary", "verify"] {
            let result = folder.colstat(verb, store)
            #expect(result.status == .refused && result.text.contains(log), "\(verb): \(result)")
        }
        #expect(throws: StoreError.self) { try Store.openReadOnly(store) }
        #expect(throws: StoreError.self) { try Store.open(store) }
    }

    private func flipLastByte(ofLogIn store: String) throws -> String {
        let log = try #require(try folder.files(of: store).last { $0.contains("/log-") })
        var bytes = try folder.bytes(log)
        let end = try #require(bytes.lastIndex { $0 != 0 })
        bytes[end] ^= 1
        try folder.write(bytes, to: log)
        return log
    }

    @Test func aMissingLogIsDamage() throws {
        let store = try Rides.make(folder)
        let log = try #require(try folder.files(of: store).last { $0.contains("/log-") })
        let whole = try folder.bytes(log)
        try FileManager.default.removeItem(atPath: log)
        for verb in ["summary", "verify"] {
            let result = folder.colstat(verb, store)
            #expect(result.status == .refused && result.text.contains("\(log): the log is missing"), "\(result)")
        }
        var damaged = whole
        damaged[20] ^= 1
        try folder.write(damaged, to: log)
        let summary = folder.colstat(store)
        #expect(summary.status == .refused && summary.text.contains("\(log), byte 56: the header"))
        #expect(summary.text.contains("1,500"))
    }

    @Test func pathsThatAreNoStoreCannotBeRead() throws {
        let store = try Rides.make(folder)
        let text = folder.path("notes.txt")
        try folder.write(Array("hello".utf8), to: text)
        let empty = folder.path("nothing")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
        let log = try #require(try folder.files(of: store).first { $0.contains("/log-") })
        for path in [text, empty, log, folder.path("absent"), store + "/absent", "/dev/null", ""] {
            for verb in ["summary", "columns", "verify"] {
                let result = folder.colstat(verb, path)
                #expect(result.status == .cannotRead, "\(verb) \(path): \(result)")
                #expect(result.complaints.hasPrefix("error: ") && result.text.isEmpty)
            }
        }
        #expect(folder.colstat(store + "/absent").complaints.contains("the tables are rides"))
    }

    @Test func wrongUseHasStatusTwo() {
        for result in [
            folder.colstat(), folder.colstat("head", "a", "-n", "x"), folder.colstat("head", "a", "-n", "-1"),
            folder.colstat("verify"), folder.colstat("a", "--bogus"), folder.colstat("columns", "a", "b"),
        ] {
            #expect(result.status == .wrongUse && result.complaints.hasPrefix("error: "), "\(result)")
        }
    }

    @Test func helpNamesOnlyWhatWorks() {
        let help = folder.colstat("--help")
        #expect(help.status == .fine && help.text.contains("EXAMPLES"))
        for verb in [
            "tables", "schema", "segments", "columns", "pages", "zones", "index", "log", "views", "head", "verify",
            "diff", "salvage",
        ] {
            #expect(help.text.contains("\n  \(verb) "))
            for line in folder.colstat(verb, "--help").text.split(separator: "\n") { #expect(line.count <= 80) }
        }
        for line in help.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
}
