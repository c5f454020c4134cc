import CommandSupport

/// Figures as lines to read, and as JSON.
struct Report {
    private var figures: [(key: String, value: Double)] = []

    /// Adds a figure and prints its line.
    mutating func add(_ key: String, _ value: Double, _ text: String) {
        figures.append((key, value))
        let rounded = value >= 1_000 ? String(Int(value.rounded())) : String((value * 100).rounded() / 100)
        print(text + String(repeating: " ", count: max(1, 74 - text.count)) + rounded)
    }

    var json: String {
        var json = JSONWriter(.indented)
        json.object { json in
            json.member("figures") { json in
                json.object { json in
                    for figure in figures { json.member(figure.key, figure.value) }
                }
            }
        }
        return json.text + "\n"
    }
}
