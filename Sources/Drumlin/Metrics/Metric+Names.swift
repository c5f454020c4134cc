package import ColumnFormat

extension Metric: LosslessStringConvertible, CustomStringConvertible {
    /// The name, as in results and specifications.
    public var name: String {
        switch arguments {
        case .none: form.name
        case .numbers(let numbers): "\(form.name):\(numbers.map(Self.text).joined(separator: ","))"
        case .oneClass(let name): "\(form.name):class=\(name)"
        case .cell(let actual, let predicted): "\(form.name):actual=\(actual),predicted=\(predicted)"
        }
    }

    /// The name.
    public var description: String { name }

    /// The metric of that name, nil where there is none. Numbers may be written in any way that `Double` reads.
    public init?(_ description: String) {
        guard let colon = description.firstIndex(of: ":") else {
            guard let metric = Self.all.first(where: { $0.form.name == description }) else { return nil }
            self = metric
            return
        }
        let (head, tail) = (description[..<colon], description[description.index(after: colon)...])
        guard let form = Form.allCases.first(where: { $0.name == head && $0.argumentForm != nil }),
            let arguments = Self.arguments(of: form, tail)
        else { return nil }
        self.init(form, arguments)
    }

    private static func arguments(of form: Form, _ text: Substring) -> Arguments? {
        switch form {
        case .precisionOfClass, .recallOfClass, .f1OfClass:
            guard text.hasPrefix("class="), text.utf8.count > 6 else { return nil }
            return .oneClass(String(text.dropFirst(6)))
        case .confusion:
            // A class may have a comma in its name: what parts the two is the last place that can.
            let marker = ",predicted="
            guard text.hasPrefix("actual="), let range = lastRange(of: marker, in: text) else { return nil }
            return .cell(
                actual: String(text[text.index(text.startIndex, offsetBy: 7)..<range.lowerBound]),
                predicted: String(text[range.upperBound...]))
        default:
            var numbers: [Double] = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let number = Double(part), number.isFinite else { return nil }
                numbers.append(number)
            }
            guard numbers.count == (form == .businessValue ? 4 : 1) else { return nil }
            return .numbers(numbers)
        }
    }

    private static func lastRange(of marker: String, in text: Substring) -> Range<Substring.Index>? {
        var place = text.endIndex
        while place > text.startIndex {
            place = text.index(before: place)
            if text[place...].hasPrefix(marker) { return place..<text.index(place, offsetBy: marker.count) }
        }
        return nil
    }

    /// The shortest text that reads back as the number, without ".0".
    private static func text(of number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// The names of metrics that tasks of a kind, or of any, can have; what a user fills in is in capitals.
    public static func names(for kind: TaskKind?) -> [String] {
        Form.allCases.filter { form in
            switch kind {
            case nil: true
            case .binary?: form.isBinary
            case .multiclass(_, let hasProbabilities)?: form.isMulticlass && (form != .logLoss || hasProbabilities)
            case .regression?: form.isRegression
            }
        }.map { form in form.argumentForm.map { "\(form.name):\($0)" } ?? form.name }
    }
}

/// A name that is no metric's, or not one of the metrics that this kind of task has.
package struct UnknownMetric: Error, Equatable, CustomStringConvertible, Sendable {
    package let name: String
    package let valid: [String]
    package let kindName: String?

    package var description: String {
        let scope = kindName.map { " of a \($0) task" } ?? ""
        return "\"\(name)\" is no metric\(scope); the metrics are \(valid.joined(separator: ", "))"
    }
}

extension Metric {
    /// The metric of that name, for tasks of `kind` where one is given.
    ///
    /// - Throws: `UnknownMetric`, whose description lists the names that would do.
    package static func named(_ name: String, for kind: TaskKind? = nil) throws(UnknownMetric) -> Metric {
        guard let metric = Metric(name), kind.map({ metric.isDefined(for: $0) }) ?? true else {
            throw UnknownMetric(name: name, valid: names(for: kind), kindName: kind?.name)
        }
        return metric
    }

    /// The code, then the arguments where there are some.
    package func write(to writer: inout ByteWriter) {
        writer.append(code)
        switch arguments {
        case .none: break
        case .numbers(let numbers): for number in numbers { writer.append(number) }
        case .oneClass(let name): writer.append(string: name)
        case .cell(let actual, let predicted):
            writer.append(string: actual)
            writer.append(string: predicted)
        }
    }

    package init(from reader: inout ByteReader) throws(FormatError) {
        let start = reader.offset
        let code = try reader.read(UInt8.self)
        guard let form = Form(rawValue: code) else {
            throw FormatError(.invalid, "no metric has the code \(code)", at: start)
        }
        switch form {
        case .fBeta, .absoluteErrorQuantile: self.init(form, .numbers([try reader.readDouble()]))
        case .businessValue: self.init(form, .numbers(try reader.readDoubles(4)))
        case .precisionOfClass, .recallOfClass, .f1OfClass:
            self.init(form, .oneClass(try reader.readString(limit: 65_536)))
        case .confusion:
            let actual = try reader.readString(limit: 65_536)
            self.init(form, .cell(actual: actual, predicted: try reader.readString(limit: 65_536)))
        default: self.init(form)
        }
    }
}
