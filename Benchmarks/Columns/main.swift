import Foundation

// Columns STORE TABLE PLAN
//
// Asks a table of a store what Benchmarks/Peers/storage.py asks of its peers, and prints the figures as JSON: formats by
// name, as in its output. PLAN is the plan.json that it writes beside the files of a table.

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    print("usage: Columns STORE TABLE PLAN")
    exit(2)
}
do {
    let plan = try Plan(path: arguments[3])
    print(try ColumnFigures(store: arguments[1], table: arguments[2], plan: plan).json)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
