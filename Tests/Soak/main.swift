import Foundation
import TestSupport

let arguments = SoakArguments(CommandLine.arguments)
SoakCommand(arguments).run()
