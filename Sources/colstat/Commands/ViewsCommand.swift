import ArgumentParser
import ColumnStore
import CommandSupport
import Drumlin

struct ViewsCommand: InspectingCommand {
    static let configuration = CommandConfiguration(
        commandName: "views",
        abstract: "The windowed state of each task: windows, panes, cells, checkpoint.",
        discussion: """
            A view is kept as integer cells in panes of time, and windows are sums of panes. It is read from its \
            checkpoint and the log, or made from all rows where there is no checkpoint: "made of" says which, and the \
            latter takes longer. Windows are those that hold a prediction.

            EXAMPLES
              colstat views model.drumlin
              colstat views model.drumlin --json | jq '.[].windows'
            """)

    @OptionGroup var options: InspectionOptions

    func output(for terminal: Terminal) throws -> InspectionOutput {
        let inspection = try options.inspect(includingLog: false)
        guard let path = inspection.storePath, let manifest = inspection.manifest else {
            throw CommandError(
                .wrongUse, "there are no views without a store", at: options.path,
                remedy: "give the path of the store")
        }
        let store = try Store.openReadOnly(path)
        var views: [ViewInspection] = []
        for name in store.taskNames { views.append(try store.task(name).inspectView()) }
        let text =
            options.json
            ? ViewRendering.json(views, manifest.checkpoints)
            : ViewRendering.text(views, manifest.checkpoints, for: terminal)
        return InspectionOutput(text: text, damages: inspection.damages)
    }
}
