import ColumnFormat
import ColumnStore
import CommandSupport
import Drumlin

/// The windowed state of tasks.
enum ViewRendering {
    static func text(
        _ views: [ViewInspection], _ checkpoints: [String: CheckpointRecord], for terminal: Terminal
    ) -> String {
        guard !views.isEmpty else { return "no tasks\n" }
        return views.map { view in
            var text = terminal.styled("task \(PrintableText.escaping(view.task))", .bold) + "\n"
            text +=
                "  \(DamageRendering.counted(view.predictions, "prediction")), \(Units.count(view.unlabeled)) without a label; "
            text += "clock \(view.clock?.description ?? "not set")\n"
            text +=
                "  panes of \(Window.tumbling(view.paneWidth).description), \(DamageRendering.counted(view.cellCount, "cell")), "
            text += "\(Units.bytes(view.byteCount)) in memory, made of \(made(view.origin))\n"
            if let checkpoint = checkpoints[view.task] {
                text +=
                    "  checkpoint \(checkpoint.fileName), \(Units.bytes(Int(clamping: checkpoint.byteCount))), "
                    + "of row \(Units.count(checkpoint.sequence))\n"
            }
            guard !view.kinds.isEmpty else { return text + "  no metric is registered\n" }
            var table = TextTable([
                .text("window"), .number("windows"), .number("open"), .text("newest (UTC)"), .text("metrics"),
            ])
            for kind in view.kinds {
                table.add([
                    .init(kind.window.description, .bold), .init(Units.count(kind.count)),
                    .init(Units.count(kind.openCount)), .init(TimeText.of(kind.newest, .minute)),
                    .init(kind.metrics.joined(separator: ", ")),
                ])
            }
            return text + table.rendered(for: terminal)
        }.joined(separator: "\n")
    }

    private static func made(_ origin: String) -> String {
        switch origin {
        case "checkpoint": "the checkpoint and the log"
        case "log": "the log"
        default: "all rows"
        }
    }

    static func json(_ views: [ViewInspection], _ checkpoints: [String: CheckpointRecord]) -> String {
        var json = JSONWriter(.lines)
        json.array { json in
            for view in views {
                json.object { json in
                    json.member("task", view.task)
                    json.member("predictions", view.predictions)
                    json.member("unlabeled", view.unlabeled)
                    json.member("clock", view.clock?.description)
                    json.member("pane_seconds", view.paneWidth.microseconds / 1_000_000)
                    json.member("cells", view.cellCount)
                    json.member("memory_bytes", view.byteCount)
                    json.member("made_of", view.origin)
                    json.member("checkpoint_file", checkpoints[view.task]?.fileName)
                    json.member("checkpoint_bytes", checkpoints[view.task]?.byteCount)
                    json.member("windows") { json in
                        json.array { json in
                            for kind in view.kinds {
                                json.object { json in
                                    json.member("window", kind.window.description)
                                    json.member("count", kind.count)
                                    json.member("open", kind.openCount)
                                    json.member("newest", kind.newest?.description)
                                    json.member("metrics") { json in
                                        json.array { json in for name in kind.metrics { json.value(name) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }
}
