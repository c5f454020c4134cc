import CommandSupport
import Drumlin
import TestSupport
import Testing

@testable import DrumlinCLI

@Suite struct ImportCommandTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func rows(_ table: String) throws -> [[String: Value]] {
        try Store.openReadOnly(folder.store).table(table).allRows()
    }

    @Test func typesAreFoundFromTheRows() throws {
        try folder.write(
            "a.csv",
            """
            id,n,big,real,flag,at,key,v,code,none,mixed
            a,1,18446744073709551615,1.5,true,2020-03-01 00:00:10,00112233-4455-6677-8899-aabbccddeeff,"[1,2]",007,,1
            b,-2,1,NaN,FALSE,2020-03-01,00112233-4455-6677-8899-aabbccddeeff,"[3,""NaN""]",1,,x
            c,,,,,,,,,,

            """)
        let summary = try folder.importing("t", "a.csv")
        #expect(
            summary.isNew && summary.rowCount == 3
                && ColumnSpecification.text(summary.columns)
                    == "id:string,n:int64,big:uint64,real:float64,flag:bool,at:timestamp,key:uuid,v:vector[2],"
                    + "code:string,none:string,mixed:string"
        )
        #expect(summary.inferred.count == 11)
        let found = try rows("t")
        #expect(found[0]["at"] == .timestamp(Timestamp(microseconds: 1_583_020_810_000_000)))
        #expect(found[0]["code"] == "007" && found[0]["v"] == .vector([1, 2]) && found[1]["flag"] == false)
        #expect(found[2].filter { $0.value != .null } == ["id": "c"])
    }

    @Test func givenTypesGoBeforeFoundOnes() throws {
        try folder.write("a.csv", "id,n,at\na,1,1583020810000000\n")
        let summary = try folder.importing(
            "t", "a.csv", "--schema", "n:int16!", "--time", "at", "--index", "id", "--json")
        #expect(ColumnSpecification.text(summary.columns) == "id:string,n:int16!,at:timestamp!")
        #expect(summary.inferred == ["id"])
        let table = try Store.openReadOnly(folder.store).table("t")
        #expect(try table.schema.indexed == ["id"] && table.lookup("id", "a") == 0)
        #expect(try table.allRows()[0]["at"] == .timestamp(Timestamp(microseconds: 1_583_020_810_000_000)))
        #expect(summary.json.contains("\"created\":true,\"rows\":1,\"refused\":0,"))
    }

    @Test func aTableThatExistsTakesItsColumnsInAnyOrder() throws {
        try folder.write("a.csv", "id,n\na,1\n")
        try folder.importing("t", "a.csv")
        try folder.write("b.csv", "n,id\n2,b\n")
        #expect(try folder.importing("t", "b.csv").isNew == false)
        try folder.write("c.csv", "id\nc\n\n\"\"\n")
        try folder.importing("t", "c.csv")
        #expect(
            try rows("t") == [
                ["id": "a", "n": 1], ["id": "b", "n": 2], ["id": "c", "n": nil], ["id": nil, "n": nil],
                ["id": "", "n": nil],
            ])
        try folder.write("d.csv", "id,other\nd,1\n")
        let failure = folder.failure { try folder.importing("t", "d.csv") }
        #expect(failure?.status == .wrongUse)
        #expect(
            failure?.text.hasSuffix(
                "d.csv: the table has no column \"other\"\n  remedy: the columns of table t are id:string,n:int64\n")
                == true)
    }

    @Test func aBadRowNamesFileLineColumnValueAndRemedy() throws {
        try folder.write("a.csv", "id,n,v\na,1,\"[1,2]\"\nb,300,\"[1,2]\"\n")
        let failure = folder.failure {
            try folder.importing("t", "a.csv", "--schema", "id:string,n:int8,v:vector[2]")
        }
        #expect(failure?.status == .refused)
        #expect(
            failure?.text.hasSuffix(
                """
                a.csv:3, column "n": "300" is not an int8 (-128 to 127)
                  remedy: nothing was imported, and table t was not made; --on-error skip leaves bad rows out

                """) == true)
        #expect(try Store.openReadOnly(folder.store).tables.isEmpty)
        let skipped = try folder.importing(
            "t", "a.csv", "--schema", "id:string,n:int8,v:vector[2]", "--on-error", "skip")
        #expect(skipped.rowCount == 1 && skipped.refusedCount == 1)
        #expect(folder.messages.hasSuffix("a.csv:3, column \"n\": \"300\" is not an int8 (-128 to 127)\n"))
        let again = folder.failure { try folder.importing("t", "a.csv") }
        #expect(
            again?.text.contains("the rows before it, 1, were imported: import only those that follow;") == true)
        #expect(try rows("t").count == 2)
    }

    @Test(arguments: [
        ("flag:bool", "x", "\"x\" is not true or false"), ("n:uint64", "-1", "\"-1\" is not a uint64"),
        ("at:timestamp", "noon", "write ISO 8601 (2020-04-08T13:05:00Z) or microseconds since 1970"),
        ("blob:bytes", "abc", "write two digits 0-9, a-f for each byte"), ("key:uuid", "12", "is not a uuid"),
        ("v:vector[3]", "\"[1,2]\"", "write a JSON array of 3 numbers"), ("f:float32", "\"\"", "\"\" is not a number"),
        ("s:string!", "", "null, and the column has none"), ("n:int32", "1.5", "\"1.5\" is not an int32"),
    ])
    func mistakesAreNamed(column: String, field: String, message: String) throws {
        let name = column.prefix { $0 != ":" }
        try folder.write("a.csv", "\(name),other\n\(field),1\n")
        let failure = folder.failure { try folder.importing("t", "a.csv", "--schema", column) }
        #expect(failure?.text.contains(message) == true, "\(failure?.text ?? "no error")")
        #expect(failure?.text.contains("a.csv:2, column \"\(name)\"") == true)
    }

    @Test func aTypeThatWasFoundAndDoesNotLastSaysHowToGiveAnother() throws {
        let numbers = (0..<10_500).map { $0 == 10_200 ? "x" : "\($0)" }.joined(separator: "\n")
        try folder.write("a.csv", "n\n\(numbers)\n")
        let failure = folder.failure { try folder.importing("t", "a.csv") }
        #expect(
            failure?.text.contains(
                "the first 10,000 rows looked like int64: give the type with --schema n:string") == true)
    }

    @Test func theTablesOfATaskTakeNoImport() throws {
        try folder.write("task.json", SmallTask.specification)
        try folder.replay("--spec", "task.json")
        try folder.write("a.csv", "id\na\n")
        for name in ["tips/predictions", "predictions", "tips/other"] {
            let failure = folder.failure { try folder.importing(name, "a.csv") }
            #expect(failure?.status == .wrongUse)
            #expect(failure?.text.contains("drumlin replay") == true)
        }
    }

    @Test func columnsAsTextReadBack() throws {
        let columns = [
            ColumnDefinition("a", .string), ColumnDefinition("b,\"c\":", .vector(dimension: 12), isNullable: false),
            ColumnDefinition("d", .timestamp, isNullable: false),
        ]
        #expect(try ColumnSpecification.parse(ColumnSpecification.text(columns)) == columns)
        for wrong in [
            "", "a", "a:", "a:int", "a:int8,", ":int8", "\"a:int8", "a:int8,a:int8", "v:vector[0]", "v:vector[x]",
        ] {
            #expect(throws: CommandError.self, "\(wrong)") { try ColumnSpecification.parse(wrong) }
        }
    }
}
