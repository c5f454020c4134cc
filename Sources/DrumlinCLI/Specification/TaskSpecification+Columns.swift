import CommandSupport
import Drumlin

extension TaskSpecification {
    /// The CSV column that the specification names for `key`.
    ///
    /// - Throws: ``JSONError`` where it names none.
    func column(_ key: String, _ name: String?, for file: String) throws(JSONError) -> String {
        if let name { return name }
        var error = JSONError(
            path: "columns", "the key \"\(key)\" is missing, which \(file) needs",
            remedy: "name the column of the CSV file, as in \"\(key)\": \"\(key)\"")
        error.file = self.file
        throw error
    }
}
