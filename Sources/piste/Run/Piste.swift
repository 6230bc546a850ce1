import ArgumentParser
import Glibc
import Host
import Logging
import Terminal

/// The command line: parses it, runs one command, and turns whatever went wrong into a sentence and an exit status.
@main
struct Piste: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "piste",
        abstract: "A terminal console and isolation engine for companies that live in PostgreSQL schemas.",
        discussion: """
            Without a command, piste opens the console on the database of --database, PISTE_DATABASE_URL, the \
            profile, or libpq's own variables; with none of them, on a private local PostgreSQL.

            Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 database unreachable, 5 verification failed, \
            130 interrupted.

            With --quiet (or PISTE_QUIET=1) any command says nothing beside its data, but what goes wrong.
            """,
        version: "piste \(version)",
        subcommands: [
            ConsoleCommand.self, DemoCommand.self, InitCommand.self, DoctorCommand.self, LocalCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "COMPANIES",
                subcommands: [
                    CompanyCommand.self, OverviewCommand.self, UsersCommand.self, JourneysCommand.self,
                    TablesCommand.self,
                    RowsCommand.self,
                    MigrateCommand.self,
                    AdoptCommand.self, ReleaseCommand.self, ShareCommand.self, OutboxCommand.self,
                ]),
            CommandGroup(
                name: "CONTEXTS",
                subcommands: [
                    TokenCommand.self, ImpersonateCommand.self, ContextsCommand.self, EndCommand.self,
                    SweepCommand.self, RequestsCommand.self, ApproveCommand.self, DenyCommand.self,
                    KeyCommand.self,
                ]),
            CommandGroup(name: "PROOF", subcommands: [ProveCommand.self, AuditCommand.self]),
            CommandGroup(name: "OPERATORS", subcommands: [OperatorCommand.self]),
            CommandGroup(name: "APPLICATIONS", subcommands: [ClientCommand.self]),
            CommandGroup(
                name: "SETTINGS",
                subcommands: [ConfigCommand.self, SettingCommand.self, ThemeCommand.self]),
        ],
        defaultSubcommand: ConsoleCommand.self,
    )

    static let version = "2.0.0"

    static func main() {
        Crashes.endAtOnce()
        // A reader that closed the pipe shows up as an error of `write`, not as a signal that ends the process.
        signal(SIGPIPE, SIG_IGN)
        PasswordPrompt.begin()
        do {
            var command = try parseAsRoot(isKiosk ? ["demo", "--kiosk"] : arguments)
            Log.note("started", .info, ["command": .code("\(type(of: command))")])
            try command.run()
            try StandardOutput.shared.flush()
            Log.note("ended", .info, ["status": .count(0)])
        } catch {
            let status = status(reporting: error)
            noteEnd(error, status)
            Glibc.exit(status.rawValue)
        }
    }

    /// Notes how a run failed: its status, the refusal's code and the SQLSTATE, and no sentence.
    private static func noteEnd(_ error: any Error, _ status: ExitStatus) {
        let failure = CommandError(error)
        Log.note(
            "ended", status == .done ? .info : .warning,
            [
                "status": .count(Int(status.rawValue)), "refusal": .code(failure?.refusal ?? ""),
                "sqlstate": .code(failure?.sqlState ?? ""),
            ])
    }

    /// The words behind the program's name, without `--quiet`, which every command takes.
    private static var arguments: [String] {
        let words = CommandLine.arguments.dropFirst()
        let end = words.firstIndex(of: "--") ?? words.endIndex
        return words[..<end].filter { $0 != "--quiet" } + words[end...]
    }

    /// Whether only failures are told.
    static var isQuiet: Bool {
        arguments.count + 1 < CommandLine.arguments.count
            || Environment.value("PISTE_QUIET").map { !["", "0"].contains($0) } == true
    }

    /// Whether it was started as `piste-kiosk`, somebody's login shell: then whatever it is asked to run is not looked at.
    private static var isKiosk: Bool {
        let name = CommandLine.arguments.first?.split(separator: "/").last ?? ""
        return name == "piste-kiosk" || name == "-piste-kiosk"
    }

    /// Says what went wrong, and gives the status that stands for it.
    private static func status(reporting error: any Error) -> ExitStatus {
        if error is StandardOutput.ReaderGone { return .done }
        try? StandardOutput.shared.flush()
        if let failure = CommandError(error) {
            failure.report()
            return failure.status
        }
        let text = UsageText.folded(fullMessage(for: error))
        let message = DisplayText.lines(of: text).map(\.string).joined(separator: "\n")
        switch exitCode(for: error) {
        case .success:
            // The program's own text, for --help and --version, and for a shell the whole of its completions.
            // fish before version 4 tells the cursor's place only at a prompt, and not to a program that completes a line.
            try? StandardOutput.shared.line(
                text.replacing("(__piste_tokens -tC)", with: "(string length -- \"$(__piste_tokens -ct)\")"))
            try? StandardOutput.shared.flush()
            return .done
        case .validationFailure:
            if let stray = StrayCommand(arguments) { stray.error.report() } else { Narration.tell(message) }
            return .usage
        default:
            Narration.tell(message)
            return .failed
        }
    }
}
