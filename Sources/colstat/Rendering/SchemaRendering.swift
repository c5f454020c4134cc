import ColumnStore
import CommandSupport
import Drumlin

/// The columns of tables with their types.
enum SchemaRendering {
    static func text(_ inspection: Inspection, for terminal: Terminal) -> String {
        TableRendering.sections(inspection) { table in
            var text = TextTable([.text("column"), .text("type"), .text("null"), .text("index")])
            for column in table.schema.columns {
                text.add([
                    .init(column.name, .bold), .init(column.type.name), .init(column.isNullable ? "may be" : "never"),
                    .init(table.schema.indexed.contains(column.name) ? "yes" : ""),
                ])
            }
            return text.rendered(for: terminal)
        }
    }

    static func json(_ inspection: Inspection) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for table in inspection.tables {
                for column in table.schema.columns {
                    json.object { json in
                        json.member("table", table.name)
                        json.member("column", column.name)
                        json.member("type", column.type.name)
                        json.member("nullable", column.isNullable)
                        json.member("indexed", table.schema.indexed.contains(column.name))
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
