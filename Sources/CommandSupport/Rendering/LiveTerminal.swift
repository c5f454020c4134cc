import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The whole screen of a terminal: drawn anew again and again, with keys as they are typed.
///
/// What was on the screen before comes back with ``end()``, also where the process is asked to end (SIGINT, SIGTERM, SIGHUP) or
/// is suspended. One at a time in a process.
package final class LiveTerminal {
    /// What ends a wait.
    package enum Event: Equatable, Sendable {
        case timeout
        case resized
        case key(Character)
        case up, down
        /// Ctrl-C, a signal, or a terminal that went away.
        case end
    }

    private var saved = termios()
    private var isActive = false

    /// Takes the terminal over; nil where standard input and output are none.
    package init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &saved) == 0 else {
            return nil
        }
        for number in [SIGINT, SIGTERM, SIGHUP] { install(number) { _ in endWanted.store(true, ordering: .relaxed) } }
        // Does nothing but to end the wait for a key.
        install(SIGWINCH) { _ in hasResized.store(true, ordering: .relaxed) }
        begin()
    }

    deinit { end() }

    private func install(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        // Made before a handler can need it.
        _ = endWanted.load(ordering: .relaxed) || hasResized.load(ordering: .relaxed)
        _ = signal(number, handler)
    }

    private func begin() {
        var raw = saved
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG | IEXTEN)
        raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
        unsafe _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        isActive = true
        // The alternate screen, without cursor and without line wrapping.
        try? StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
    }

    /// Gives the terminal back as it was.
    package func end() {
        guard isActive else { return }
        isActive = false
        try? StandardOutput.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        unsafe _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
    }

    /// Columns and rows as they are now.
    package var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Shows these lines, from the top; what is too much is left out. One write, so that nothing flickers.
    package func draw(_ lines: [String]) throws(CommandError) {
        let rows = size.rows
        var text = "\u{1B}[?2026h\u{1B}[H"
        for (row, line) in lines.prefix(rows).enumerated() {
            if row > 0 { text += "\r\n" }
            text += line + "\u{1B}[0m\u{1B}[K"
        }
        try StandardOutput.write(text + "\u{1B}[J\u{1B}[?2026l")
    }

    // MARK: Keys

    /// Waits for a key, a signal or another size, `milliseconds` at most.
    package func wait(milliseconds: Int) -> Event {
        if endWanted.load(ordering: .relaxed) { return .end }
        if hasResized.exchange(false, ordering: .relaxed) { return .resized }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let count = unsafe poll(&input, 1, Int32(clamping: max(0, milliseconds)))
        if endWanted.load(ordering: .relaxed) { return .end }
        if hasResized.exchange(false, ordering: .relaxed) { return .resized }
        guard count > 0 else { return .timeout }
        var bytes = [UInt8](repeating: 0, count: 16)
        let length = unsafe bytes.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
        guard length > 0 else { return length < 0 && errno == EINTR ? .timeout : .end }
        return event(bytes[..<length])
    }

    private func event(_ bytes: ArraySlice<UInt8>) -> Event {
        switch bytes.first {
        case 0x03, 0x04: return .end
        case 0x1A:
            end()
            _ = raise(SIGSTOP)
            begin()
            return .resized
        case 0x1B:
            switch bytes.last {
            case UInt8(ascii: "A") where bytes.count == 3: return .up
            case UInt8(ascii: "B") where bytes.count == 3: return .down
            default: return .timeout
            }
        case let byte? where byte < 0x80: return .key(Character(Unicode.Scalar(byte)))
        default: return .timeout
        }
    }
}

/// Set by signals; outside of the class because a handler has no context.
private let endWanted = Atomic<Bool>(false)
private let hasResized = Atomic<Bool>(false)
