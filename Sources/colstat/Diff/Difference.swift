/// Something of which two stores are not alike.
struct Difference {
    /// Of what kind it is: what is stored, or only how.
    enum Kind: String {
        case content, layout
    }

    let kind: Kind
    let table: String
    /// Empty where it is of the whole table.
    var column = ""
    /// What differs: `rows`, `type`, `value of row 17`.
    let what: String
    /// Empty where the first has none.
    let first: String
    /// Empty where the second has none.
    let second: String
}
