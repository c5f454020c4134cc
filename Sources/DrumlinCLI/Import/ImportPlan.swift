import CommandSupport
import Drumlin

/// Which column of a table is which of a file, and the types of a table that is yet to be made.
struct ImportPlan {
    struct Options {
        var table: String
        var file: String
        /// Columns whose type is not to be found from the rows.
        var given: [ColumnDefinition] = []
        /// The column of times.
        var time: String?
        /// Columns of a new table that are indexed.
        var indexed: [String] = []
    }

    /// The columns of the table.
    let schema: Schema
    /// One for each column of the table, in their order.
    let decoders: [FieldDecoder]
    /// The columns whose types were found from the rows.
    let inferred: [String]
    /// Whether the table is yet to be made.
    let isNew: Bool

    /// - Throws: ``CommandError`` where file, options and table do not go together.
    init(_ options: Options, reader: CSVReader, store: Store) throws(CommandError) {
        do throws(CSVError) {
            for name in reader.header { _ = try reader.column(name) }
            for column in options.given { _ = try reader.column(column.name) }
            for name in options.indexed + [options.time].compactMap({ $0 }) { _ = try reader.column(name) }
        } catch { throw error.commandError }
        try Self.checkIsOwn(options.table, store)
        if let table = store.tables.first(where: { $0.name == options.table }) {
            do throws(StoreError) { schema = try table.schema } catch { throw error.commandError }
            isNew = false
            inferred = []
            try Self.check(options, against: schema, header: reader.header)
        } else {
            let types = try Self.types(options, header: reader.header)
            inferred = types.filter(\.isInferred).map(\.definition.name)
            schema = Schema(types.map(\.definition), indexed: options.indexed)
            isNew = true
        }
        let inferredNames = Set(inferred)
        decoders = schema.columns.map { column in
            FieldDecoder(
                column, field: reader.header.firstIndex(of: column.name),
                isInferred: inferredNames.contains(column.name))
        }
    }

    /// The tables of a task are functions of its events.
    private static func checkIsOwn(_ name: String, _ store: Store) throws(CommandError) {
        let tables = store.tables.map(\.name)
        if tables.contains(name), !name.contains("/") { return }
        let ofTask = name.contains("/") ? [name] : tables.filter { $0.hasSuffix("/" + name) }
        guard let first = ofTask.first else { return }
        throw CommandError(
            .wrongUse, "table \(PrintableText.excerpt(first)) belongs to a task, and rows cannot be put into it",
            at: name,
            remedy: "log predictions and labels with drumlin replay, or give the table a name of your own without /")
    }

    private static func check(_ options: Options, against schema: Schema, header: [String]) throws(CommandError) {
        let there = "the columns of table \(options.table) are \(ColumnSpecification.text(schema.columns))"
        for name in header where schema.position(of: name) == nil {
            throw CommandError(
                .wrongUse, "the table has no column \"\(PrintableText.excerpt(name))\"", at: options.file, remedy: there
            )
        }
        for column in schema.columns where !column.isNullable && !header.contains(column.name) {
            throw CommandError(
                .wrongUse, "the file lacks the column \"\(column.name)\", which has no nulls", at: options.file,
                remedy: there)
        }
        for column in options.given where !schema.columns.contains(column) {
            throw CommandError(
                .wrongUse, "the table has another \"\(PrintableText.excerpt(column.name))\"", at: "--schema",
                remedy: there)
        }
        if let time = options.time, schema.columns.first(where: { $0.name == time })?.type != .timestamp {
            throw CommandError(
                .wrongUse, "\"\(PrintableText.excerpt(time))\" is no column of times", at: "--time", remedy: there)
        }
        if !options.indexed.isEmpty, Set(options.indexed) != Set(schema.indexed) {
            throw CommandError(
                .wrongUse, "the table exists with other indexed columns", at: "--index",
                remedy: "leave the option out")
        }
    }

    private static func types(
        _ options: Options, header: [String]
    ) throws(CommandError) -> [(definition: ColumnDefinition, isInferred: Bool)] {
        var known: [String: ColumnDefinition] = [:]
        if let time = options.time { known[time] = ColumnDefinition(time, .timestamp, isNullable: false) }
        for column in options.given {
            if column.name == options.time, column.type != .timestamp {
                throw CommandError(.wrongUse, "the column of times is given as \(column.type.name)", at: "--schema")
            }
            known[column.name] = column
        }
        var found: [ColumnType] = []
        if header.contains(where: { known[$0] == nil }) {
            guard options.file != "-" else {
                throw CommandError(
                    .wrongUse, "the types of columns cannot be found from standard input, which is read once",
                    at: "--schema", remedy: "give them: --schema name:type,…")
            }
            do throws(CSVError) { found = try infer(options.file) } catch { throw error.commandError }
        }
        return header.enumerated().map { position, name in
            if let definition = known[name] { return (definition, false) }
            // A file that changed meanwhile is text.
            return (ColumnDefinition(name, position < found.count ? found[position] : .string), true)
        }
    }

    /// The types that the first rows of a file show.
    private static func infer(_ path: String) throws(CSVError) -> [ColumnType] {
        let reader = try CSVReader(path: path, allowsQuotedNUL: true)
        reader.takesEmptyLinesAsRows = reader.columnCount == 1
        var columns = [TypeInference](repeating: TypeInference(), count: reader.columnCount)
        var count = 0
        while count < TypeInference.rowLimit {
            do throws(CSVError) {
                guard try reader.nextRow() else { break }
                for place in columns.indices {
                    unsafe columns[place].note(reader.field(place), isQuoted: reader.isQuoted(place))
                }
            } catch {
                // It is met again, and told then.
                guard error.isRowError else { throw error }
            }
            count += 1
        }
        return columns.map(\.type)
    }
}
