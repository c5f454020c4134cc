/// What a command tells the shell, the same for `drumlin`, `colstat` and `TaxiTips`.
package enum ExitStatus: Int32, Sendable {
    /// All was done.
    case fine = 0
    /// Something was refused, or damage was found.
    case refused = 1
    /// The command was used wrongly: an unknown option, a task file with a mistake.
    case wrongUse = 2
    /// A file or a store could not be read or written.
    case cannotRead = 3
}
