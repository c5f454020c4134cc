import CommandSupport
import Drumlin

/// Columns as text: `id:string!,miles:float64,"odd,name":vector[4]`. A `!` says that the column has no nulls.
enum ColumnSpecification {
    /// The columns as ``parse(_:)`` reads them.
    static func text(_ columns: [ColumnDefinition]) -> String {
        columns.map { column in
            let isPlain = !column.name.contains { ",:\"".contains($0) } && !column.name.isEmpty
            let name = isPlain ? column.name : "\"" + column.name.replacing("\"", with: "\"\"") + "\""
            return "\(name):\(column.type.name)\(column.isNullable ? "" : "!")"
        }.joined(separator: ",")
    }

    /// - Throws: ``CommandError`` that names the part that is wrong.
    static func parse(_ text: String) throws(CommandError) -> [ColumnDefinition] {
        var rest = Array(text)[...]
        var columns: [ColumnDefinition] = []
        while true {
            let name = try takeName(&rest)
            guard rest.first == ":" else { throw failure("after the name \"\(name)\" stands no colon") }
            rest = rest.dropFirst()
            var typeName = String(rest.prefix { $0 != "," })
            rest = rest.dropFirst(typeName.count)
            let isNullable = !typeName.hasSuffix("!")
            if !isNullable { typeName.removeLast() }
            guard let type = type(named: typeName) else {
                throw failure("\"\(PrintableText.excerpt(typeName))\" is no type")
            }
            guard !columns.contains(where: { $0.name == name }) else {
                throw failure("the column \"\(PrintableText.excerpt(name))\" is there twice")
            }
            columns.append(ColumnDefinition(name, type, isNullable: isNullable))
            if rest.isEmpty { return columns }
            rest = rest.dropFirst()
        }
    }

    private static func takeName(_ rest: inout ArraySlice<Character>) throws(CommandError) -> String {
        guard rest.first == "\"" else {
            let name = rest.prefix { $0 != ":" && $0 != "," }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty else { throw failure("a name is missing") }
            return String(name)
        }
        rest = rest.dropFirst()
        var name = ""
        while let character = rest.popFirst() {
            if character == "\"" {
                guard rest.first == "\"" else { return name }
                rest = rest.dropFirst()
            }
            name.append(character)
        }
        throw failure("a quotation mark is never closed")
    }

    private static let scalars: [ColumnType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .string, .bytes,
        .timestamp, .uuid,
    ]

    /// The type that messages and files call `name`.
    static func type(named name: String) -> ColumnType? {
        if let type = scalars.first(where: { $0.name == name }) { return type }
        guard name.hasPrefix("vector["), name.hasSuffix("]"), let dimension = Int(name.dropFirst(7).dropLast()),
            (1...ColumnType.maximumDimension).contains(dimension)
        else { return nil }
        return .vector(dimension: dimension)
    }

    private static func failure(_ message: String) -> CommandError {
        CommandError(
            .wrongUse, message, at: "--schema",
            remedy: "write name:type,name:type with the types \(scalars.map(\.name).joined(separator: ", ")), "
                + "vector[N]; ! after a type for a column without nulls")
    }
}
