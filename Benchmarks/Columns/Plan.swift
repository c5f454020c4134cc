import Foundation

/// What is asked of a table: the roles of its columns, and the constants. See storage_data.py.
struct Plan: Decodable {
    let rows: Int
    let time: String
    let value: String
    let packed: String
    let measured: String
    let result: String
    let key: String?
    /// µs: the hour that begins here.
    let hour: Int64
    /// Of `value`: 1 % and 50 % of the rows lie above.
    let thresholds: [Double]
    let keys: [String]

    init(path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
