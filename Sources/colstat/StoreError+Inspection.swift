import ColumnStore
import CommandSupport
import Drumlin

extension StoreError {
    /// The error as an inspector tells it: damage is what it is there to find, with the place of it.
    var inspectionError: CommandError {
        var error = commandError
        error.status = code == .corrupt ? .refused : .cannotRead
        if let offset { error.place = (path.map { $0 + ", " } ?? "") + "byte \(offset)" }
        return error
    }
}
