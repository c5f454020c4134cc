import ColumnFormat

/// Relations in words, as `colstat columns` shows them.
extension Relation {
    func words(names: [String], residual: String?, hasPatches: Bool) -> String {
        var text =
            switch form {
            case .sum(let sum): Self.words(sum, names, residual)
            case .arithmetic(let operation): Self.words(operation, names)
            case .ratio(let ratio): "\(names[0]) \(ratio.isProduct ? "·" : "÷") \(residual ?? "")"
            case .steps(let steps): "steps of \(names[0]) (\(steps.values.count))"
            case .period(let period): Self.words(period, names[0])
            }
        if hasPatches { text += ", patches" }
        // Names may be long, and the footer keeps 1,024 bytes.
        while text.utf8.count > 500 { text.removeLast() }
        return text
    }

    private static func words(_ operation: Arithmetic, _ names: [String]) -> String {
        switch operation {
        case .plus: "\(names[0]) + \(names[1])"
        case .minus: "\(names[0]) − \(names[1])"
        case .distance: "|\(names[0]) − \(names[1])|"
        case .times: "\(names[0]) · \(names[1])"
        case .divided: "\(names[0]) ÷ \(names[1])"
        case .same: names[0]
        }
    }

    private static func words(_ sum: Sum, _ names: [String], _ residual: String?) -> String {
        // A power of ten that the divisor shares with every term is only the unit that the sum is counted in.
        var text = ""
        for (term, name) in zip(sum.terms, names) {
            let factor = Double(term.coefficient) * DecimalNode.powers[term.exponent] / Double(sum.divisor)
            let sign = factor < 0 ? (text.isEmpty ? "−" : " − ") : text.isEmpty ? "" : " + "
            let magnitude = factor.magnitude
            text += sign + (magnitude == 1 ? "" : "\(shortened(magnitude)) · ") + name
        }
        if sum.constant != 0 {
            let constant = Double(sum.constant) / Double(sum.divisor)
            text += (constant < 0 ? " − " : " + ") + shortened(constant.magnitude)
        }
        if let residual { text += " + \(residual)" }
        return sum.isAbsolute ? "|\(text)|" : text
    }

    private static func shortened(_ number: Double) -> String {
        number == number.rounded() && number < 1e15 ? "\(Int64(number))" : "\(number)"
    }

    private static func words(_ period: Period, _ name: String) -> String {
        var text = period.offset == 0 ? name : "(\(name) \(period.offset < 0 ? "−" : "+") \(period.offset.magnitude))"
        if period.unit != 1 { text = "⌊\(text) ÷ \(period.unit)⌋" }
        if period.modulus != 0 { text += " mod \(period.modulus)" }
        if period.base != 0 { text += " \(period.base < 0 ? "−" : "+") \(period.base.magnitude)" }
        return text
    }
}
