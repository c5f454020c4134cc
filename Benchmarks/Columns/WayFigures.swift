import BenchmarkSupport
import CommandSupport
import Drumlin

/// The questions' answers and times, for one way to use zone maps.
struct WayFigures {
    private var warm: [(Question, Double)] = []
    private var opened: [(Question, Double)] = []
    private var answers: [(Question, Double)] = []

    init(store path: String, table name: String, plan: Plan, zoneMaps: ZoneMapUse) throws {
        let store = try Store.openReadOnly(path)
        let table = try store.table(name)
        for question in Question.allCases {
            answers.append((question, try question.answer(from: table, plan: plan, zoneMaps: zoneMaps)))
            let time = try ProcessorTime.medianMilliseconds {
                _ = try question.answer(from: table, plan: plan, zoneMaps: zoneMaps)
            }
            warm.append((question, time))
        }
        try store.close()
        for question in Question.allCases {
            let time = try ProcessorTime.medianMilliseconds {
                let store = try Store.openReadOnly(path)
                _ = try question.answer(from: store.table(name), plan: plan, zoneMaps: zoneMaps)
                try store.close()
            }
            opened.append((question, time))
        }
    }

    func write(to json: inout JSONWriter) {
        for (name, figures) in [("answers", answers), ("warm_ms", warm), ("opened_ms", opened)] {
            json.member(name) { json in
                json.object { json in
                    for (question, value) in figures { json.member(question.rawValue, value) }
                }
            }
        }
    }
}
