import Foundation

/// What the command was asked for.
struct SoakArguments {
    /// One seed, told step by step.
    var seed: UInt64?
    var firstSeed: UInt64
    /// Seeds from the first on; nil for as many as there is time for.
    var seedCount: UInt64?
    var seconds = 60.0
    /// Damage to the files of a small store instead of crashes.
    var isDamage = false
    /// Of all damages one in so many, from the first seed's on.
    var stride = 1
    #if DRUMLIN_INJECTED_BUGS
        /// Injects one bug after the other.
        var isBugs = false
    #endif
    var threadCount = ProcessInfo.processInfo.activeProcessorCount

    static let usage = """
        soak [--seconds N] [--from SEED] [--count N] [--threads N]   lives with crashes, seed after seed
        soak --seed SEED                                             one of them, step by step
        soak --damage all [--stride N] [--threads N]                 every damage to every file of a small store

        """

    init(_ arguments: [String]) {
        func number(_ text: String) -> UInt64 {
            guard let number = UInt64(text), number < 1 << 62 else { Self.refuse(text) }
            return number
        }
        firstSeed = UInt64(Date().timeIntervalSince1970)
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard let text = rest.popFirst() else { Self.refuse(name) }
            switch name {
            #if DRUMLIN_INJECTED_BUGS
                case "--bugs": isBugs = true
            #endif
            case "--damage": isDamage = true
            case "--stride": stride = max(1, Int(number(text)))
            case "--seed": seed = number(text)
            case "--from": firstSeed = number(text)
            case "--count": seedCount = number(text)
            case "--seconds": seconds = Double(number(text))
            case "--threads": threadCount = max(1, Int(number(text)))
            default: Self.refuse(name)
            }
        }
        if seedCount != nil, !arguments.contains("--seconds") { seconds = .infinity }
    }

    private static func refuse(_ text: String) -> Never {
        FileHandle.standardError.write(Data("soak: cannot make sense of '\(text)'\n\(usage)".utf8))
        exit(64)
    }
}
