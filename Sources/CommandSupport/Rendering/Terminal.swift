#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a stream of this process is connected to, as far as rendering cares.
package struct Terminal: Sendable, Hashable {
    /// The width in columns; nil where the stream is no terminal and nothing is cut.
    package let width: Int?
    /// Whether escape sequences for colours may be written.
    package let hasColour: Bool

    package init(width: Int?, hasColour: Bool) {
        self.width = width
        self.hasColour = hasColour
    }

    /// A pipe or a file: no width, no colour.
    package static let none = Terminal(width: nil, hasColour: false)

    package static var standardOutput: Terminal { detect(STDOUT_FILENO) }
    package static var standardError: Terminal { detect(STDERR_FILENO) }

    package var isInteractive: Bool { width != nil }

    /// Colour needs a terminal that is not `dumb`, and NO_COLOR unset or empty (no-color.org).
    private static func detect(_ descriptor: Int32) -> Terminal {
        guard isatty(descriptor) == 1 else { return .none }
        var size = winsize()
        let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let isPlain = environment("NO_COLOR")?.isEmpty == false || environment("TERM") == "dumb"
        return Terminal(width: isKnown ? Int(size.ws_col) : 80, hasColour: !isPlain)
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    // MARK: Style

    package enum Style: String, Sendable, Hashable {
        case plain = ""
        case bold = "1"
        case faint = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case cyan = "36"
    }

    /// `text` in `style` where the stream shows colours, else as it is.
    package func styled(_ text: String, _ style: Style) -> String {
        hasColour && style != .plain && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
