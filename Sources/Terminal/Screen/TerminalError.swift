/// Why no screen can be opened; the caller goes on without one.
package struct TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Standard input or output is not a terminal.
        case notATerminal
        /// The terminal cannot move its cursor.
        case dumb
        /// Neither the terminal nor any that it may resemble is known here.
        case unknown
        /// There is no description of any terminal on this machine.
        case noDescriptions
        /// The screen library refused.
        case refused
    }

    package let code: Code
    private let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
