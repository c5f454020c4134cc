import CommandSupport
import Drumlin

extension TaskSpecification {
    /// `"segments": ["vendor", ["vendor", "borough"], { "columns": ["hour"], "limit": 24 }]`.
    static func segments(_ root: KeyedObject, _ features: [Feature]) throws(JSONError) -> [Segmentation] {
        var result: [Segmentation] = []
        for (index, element) in (try root.array("segments") ?? []).enumerated() {
            let path = "segments[\(index)]"
            let columns: [String]
            var limit = Segmentation.standardLimit
            switch element {
            case .string(let column): columns = [column]
            case .array(let elements):
                var names: [String] = []
                for (place, element) in elements.enumerated() {
                    guard case .string(let name) = element else {
                        throw JSONError(path: "\(path)[\(place)]", "expected a column, this is \(element.kind)")
                    }
                    names.append(name)
                }
                columns = names
            default:
                let object = try KeyedObject(element, path: path, keys: ["columns", "limit"])
                guard let names = try object.strings("columns") else {
                    throw object.missing("columns", "by which columns, as in [\"vendor\"]")
                }
                columns = names
                limit = Int(try object.integer("limit", in: 1...1_000) ?? Int64(limit))
            }
            for column in columns where !features.contains(where: { $0.name == column }) {
                throw JSONError(
                    path: path, "\"\(PrintableText.excerpt(column))\" is neither a feature nor observed",
                    remedy: "the columns are \(features.map(\.name).joined(separator: ", "))")
            }
            guard !columns.isEmpty else { throw JSONError(path: path, "slices by no column") }
            result.append(Segmentation(columns, limit: limit))
        }
        return result
    }
}
