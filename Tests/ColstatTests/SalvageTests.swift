import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin
import Foundation
import TestSupport
import Testing

@testable import colstat

@Suite struct SalvageTests {
    let folder = TemporaryFolder()

    /// The rows of every table, by their numbers.
    private func rows(_ path: String) throws -> [String: [UInt64: [String: Value]]] {
        let store = try Store.openReadOnly(path)
        var tables: [String: [UInt64: [String: Value]]] = [:]
        for table in store.tables {
            var rows: [UInt64: [String: Value]] = [:]
            try table.scan().forEach { batch in
                for place in 0..<batch.rowCount {
                    rows[batch.rowNumbers[place]] = Dictionary(
                        uniqueKeysWithValues: batch.columnNames.map { ($0, batch[place, $0]) })
                }
            }
            tables[table.name] = rows
        }
        return tables
    }

    private func same(_ a: [String: Value], _ b: [String: Value]) -> Bool {
        a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isIdentical(to: $0) } ?? false }
    }

    /// Every byte of a store, to see that nobody changed one.
    private func contents(_ store: String) throws -> [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: try folder.files(of: store).map { ($0, try folder.bytes($0)) })
    }

    private func salvage(_ store: String, _ options: [String] = []) throws -> (CommandResult, String) {
        let target = folder.path("rescued-\(UInt32.random(in: 0 ... .max)).drumlin")
        var result = CommandResult()
        do {
            let parsed = try ColstatCommand.parse(["salvage", store, "--into", target] + options)
            let command = try #require(parsed as? any InspectingCommand)
            try command.execute(for: .none) { (text: String) throws(CommandError) in
                result.text += text
            } complain: {
                result.complaints += $0
            }
        } catch {
            let failure = CommandFailure(error, of: ColstatCommand.self)
            result.status = failure.status
            result.complaints += failure.text
        }
        return (result, target)
    }

    /// Salvages a damaged store and holds what came out against what was in it. Returns how many rows are missing.
    private func missingRows(
        _ store: String, of original: [String: [UInt64: [String: Value]]], _ what: String, keepsNumbers: Bool = true
    ) throws -> Int {
        let before = try contents(store)
        let (result, target) = try salvage(store)
        #expect(try contents(store) == before, "\(what): the old store was changed")
        #expect(result.status == .refused, "\(what): \(result)")
        guard result.status == .refused || result.status == .fine else { return -1 }
        defer { try? FileManager.default.removeItem(atPath: target) }
        let found = try rows(target)
        var missing = 0
        for (table, rows) in original {
            let rescued = found[table] ?? found[table.replacing("/", with: ".")] ?? [:]
            for (number, row) in rescued {
                if keepsNumbers {
                    #expect(
                        rows[number].map { same($0, row) } ?? false, "\(what): \(table), row \(number) is wrong: \(row)"
                    )
                } else {
                    #expect(rows.values.contains { same($0, row) }, "\(what): \(table) has a row that never was")
                }
            }
            missing += rows.count - rescued.count
        }
        #expect(missing == 0 || result.text.contains("lost: "), "\(what): \(missing) rows are missing: \(result.text)")
        #expect(folder.colstat("verify", target).status == .fine, "\(what)")
        return missing
    }

    @Test func aWholeStoreIsCopied() throws {
        let other = TemporaryFolder()
        for store in [try Rides.make(folder), try Tips.make(folder), try Tips.make(other, seals: false)] {
            let (result, target) = try salvage(store)
            #expect(result.status == .fine && result.text.contains("all was as it was written"), "\(result)")
            let (old, new) = (try rows(store), try rows(target))
            #expect(old.keys == new.keys)
            for (table, rows) in old {
                #expect(rows.count == new[table]?.count)
                for (number, row) in rows { #expect(same(row, new[table]?[number] ?? [:])) }
            }
            #expect(folder.colstat("verify", target).status == .fine)
        }
    }

    /// A flipped bit is mended, whichever file it is in.
    @Test(arguments: [false, true]) func aFlippedBitLosesNothing(isTask: Bool) throws {
        let store = try isTask ? Tips.make(folder) : Rides.make(folder)
        let original = try rows(store)
        for file in try folder.files(of: store) {
            let whole = try folder.bytes(file)
            let used = (whole.lastIndex { $0 != 0 } ?? 0) + 1
            for offset in stride(from: 3, to: used, by: max(1, used / 3)) {
                var damaged = whole
                damaged[offset] ^= 1 << UInt8(offset % 8)
                try folder.write(damaged, to: file)
                #expect(try missingRows(store, of: original, "\(file), byte \(offset)") == 0)
            }
            try folder.write(whole, to: file)
        }
    }

    /// Where more is wrong, all that comes out is right.
    @Test(arguments: [false, true]) func nothingWrongComesOutOfGarbage(isTask: Bool) throws {
        let store = try isTask ? Tips.make(folder) : Rides.make(folder)
        let original = try rows(store)
        for file in try folder.files(of: store) {
            let whole = try folder.bytes(file)
            let used = (whole.lastIndex { $0 != 0 } ?? 0) + 1
            for offset in stride(from: 0, to: used, by: max(1, used / 2)) {
                var damaged = whole
                for place in offset..<min(offset + 40, used) { damaged[place] = UInt8(truncatingIfNeeded: place &* 77) }
                try folder.write(damaged, to: file)
                _ = try missingRows(
                    store, of: original, "\(file), garbage at \(offset)", keepsNumbers: !file.contains("/log-"))
            }
            for count in [0, used / 2, used - 1] where count < used {
                try folder.write(Array(whole.prefix(count)), to: file)
                _ = try missingRows(
                    store, of: original, "\(file) cut to \(count)", keepsNumbers: !file.contains("/log-"))
            }
            try FileManager.default.removeItem(atPath: file)
            let missing = try missingRows(store, of: original, "\(file) removed")
            if file.hasSuffix("CURRENT") || file.hasSuffix(".idx") || file.hasSuffix(".ckpt") { #expect(missing == 0) }
            try folder.write(whole, to: file)
        }
    }

    @Test func aDamagedBlockIsLostAndTheOthersAreThere() throws {
        let path = folder.path("blocks.drumlin")
        let store = try Store.open(path, options: Rides.options)
        let table = try store.createTable(
            "numbers",
            schema: Schema(
                [ColumnDefinition("id", .int64, isNullable: false), ColumnDefinition("noise", .bool)], indexed: ["id"]
            ))
        let count = 70_000
        try table.append(
            rows: (0..<count).map {
                ["id": .int(Int64($0)), "noise": .bool(Checksum.of([], seed: UInt64($0)) & 1 == 1)]
            })
        try store.seal()
        try store.close()
        let file = try #require(try folder.files(of: path).first { $0.hasSuffix(".seg") })
        var bytes = try folder.bytes(file)
        // In the noise of the first block, which takes nearly all of the file.
        let place = try #require(bytes.indices.first { bytes[$0] != 0 && $0 > 4_000 })
        for offset in place..<place + 50 { bytes[offset] ^= 0x55 }
        try folder.write(bytes, to: file)
        let (result, target) = try salvage(path)
        #expect(result.status == .refused && result.text.contains("rows 0 to 65535"), "\(result)")
        let rescued = try Store.openReadOnly(target).table("numbers")
        #expect(try rescued.rowCount == count - 65_536)
        #expect(try rescued.row(69_999)["id"] == .int(69_999))
        #expect(throws: StoreError.self) { try rescued.row(5) }

        let (partial, second) = try salvage(path, ["--partial-rows"])
        #expect(partial.text.contains("column noise"), "\(partial)")
        let all = try Store.openReadOnly(second).table("numbers")
        #expect(try all.rowCount == count && all.row(5)["id"] == .int(5) && all.row(5)["noise"] == .null)
        #expect(try all.lookup("id", .int(17)) == 17)
    }

    /// Without any manifest a segment tells its table, its columns and its rows.
    @Test func segmentsSpeakForThemselves() throws {
        let store = try Rides.make(folder)
        let original = try rows(store)
        for file in try folder.files(of: store) where file.contains("MANIFEST") || file.hasSuffix("CURRENT") {
            try FileManager.default.removeItem(atPath: file)
        }
        let (result, target) = try salvage(store)
        #expect(result.status == .refused && result.text.contains("rows of table 1"), "\(result)")
        #expect(result.text.contains("they fit the columns of rides"))
        let found = try #require(try rows(target)["rides"])
        #expect(found.count == 1_500)
        for (number, row) in found { #expect(same(row, original["rides"]?[number] ?? [:])) }
        // With what the report asks for, the log's rows are there as well.
        let (second, whole) = try salvage(store, ["--log-table", "1=rides"])
        #expect(try rows(whole)["rides"]?.count == 1_507, "\(second)")
    }

    /// Registrations live in the manifest. Without them the task would begin anew, and take its rows away.
    @Test func tablesOfALostTaskBecomeTablesOfTheUser() throws {
        let store = try Tips.make(folder)
        let original = try rows(store)
        for file in try folder.files(of: store) where file.contains("MANIFEST") {
            try FileManager.default.removeItem(atPath: file)
        }
        let (result, target) = try salvage(store)
        #expect(result.status == .refused && result.text.contains("is now the table 'tips.predictions'"), "\(result)")
        let rescued = try Store.open(target)
        #expect(rescued.taskNames.isEmpty)
        #expect(try rescued.table("tips.predictions").rowCount == original["tips/predictions"]?.count)
        _ = try rescued.task("tips", schema: TaskSchema(kind: .binary(), features: ["distance": .float64]))
        #expect(try rescued.table("tips.predictions").rowCount == original["tips/predictions"]?.count)
        try rescued.close()
    }

    /// Labels name their predictions by number; behind a gap in the log only those are kept whose number is certain.
    @Test func labelsNeverComeToOtherPredictions() throws {
        let store = try Tips.make(folder, seals: false)
        let original = try rows(store)
        let log = try #require(try folder.files(of: store).first { $0.contains("/log-") })
        let whole = try folder.bytes(log)
        let used = (whole.lastIndex { $0 != 0 } ?? 0) + 1
        for share in [3, 5, 8] {
            var damaged = whole
            for place in used / share..<used / share + 300 { damaged[place] = 0xAA }
            try folder.write(damaged, to: log)
            let (_, target) = try salvage(store)
            let rescued = try Store.openReadOnly(target)
            let task = try rescued.task("tips")
            // The label of ride n is that of the prediction 'pn': known by its time.
            var count = 0
            let scan = try task.predictionsWithLabels.scan(where: .isNotNull("_label"))
            while let batch = try scan.next() {
                for place in 0..<batch.rowCount {
                    guard case .string(let id) = batch[place, "_id"], let number = Int(id.dropFirst()) else { continue }
                    #expect(batch[place, "_label_at"] == .timestamp(Rides.time(600 + number)), "\(id)")
                    count += 1
                }
            }
            #expect(count > 0 && count < (original["tips/labels"]?.count ?? 0), "\(count)")
            #expect(try task.metrics().count > 0)
        }
    }

    @Test func nothingIsOverwritten() throws {
        let store = try Rides.make(folder)
        for target in [store, folder.path("x.txt"), store + "/inside", store + "/rides/inside"] {
            if target.hasSuffix("txt") { try folder.write([1], to: target) }
            let result = folder.colstat("salvage", store, "--into", target)
            #expect(result.status == .wrongUse && result.complaints.hasPrefix("error: "), "\(target): \(result)")
        }
        #expect(folder.colstat("salvage", store).status == .wrongUse)
        let absent = folder.colstat("salvage", folder.path("absent"), "--into", folder.path("new"))
        #expect(absent.status == .cannotRead)
        let odd = folder.colstat("salvage", store, "--into", folder.path("new"), "--log-table", "x")
        #expect(odd.status == .wrongUse)
    }

    @Test func theReportIsAlsoJSON() throws {
        let store = try Rides.make(folder)
        let file = try #require(try folder.files(of: store).first { $0.hasSuffix(".seg") })
        var bytes = try folder.bytes(file)
        bytes[70] ^= 0xFF
        try folder.write(bytes, to: file)
        let (result, _) = try salvage(store, ["--json"])
        guard case .object(let report) = try result.json, case .array(let losses)? = report["lost"],
            case .object(let loss)? = losses.first
        else {
            Issue.record("\(result)")
            return
        }
        #expect(report["ok"] == .bool(false) && loss["table"] == .string("rides") && loss["file"] == .string(file))
        #expect(loss["rows"]?.doubleValue == 1_000 && loss["first_row"]?.doubleValue == 0)
    }
}
