import Glibc
import Tenancy

/// Opens the console where there is a screen, and prints the companies as a plain table where there is none.
struct ConsoleLaunch {
    /// What the console shows first.
    enum Opening: Sendable {
        case companies
        /// Inside a company, with a token that was just issued.
        case inside(ContextToken, company: String)
    }

    var target: Target
    var display: DisplayOptions
    var opening = Opening.companies

    /// Whether there is a screen to draw on, and somebody to draw for.
    var hasScreen: Bool {
        !display.plain && StandardOutput.isTerminal && isatty(STDIN_FILENO) == 1
            && Environment.value("TERM").map { $0 != "dumb" } == true
    }

    func run() throws {
        try CompanyListCommand.write(target, matching: "", limit: 50, format: .table)
    }
}
