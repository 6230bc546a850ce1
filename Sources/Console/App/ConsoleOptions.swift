package import Tenancy
package import Terminal

/// What a run of the console needs from the command that starts it.
package struct ConsoleOptions: Sendable {
    package typealias Connect =
        @Sendable (_ lost: @escaping @Sendable (TenancyError) -> Void) async throws(TenancyError) ->
        TenancyClient

    /// Proves one company's isolation over connections of its own; stops when its task is cancelled.
    package typealias Prove =
        @Sendable (_ urlID: String, _ told: @escaping @Sendable (Proof.Stage) -> Void)
        async throws(TenancyError) -> (report: ProofReport, record: ProofRecord)

    /// What to open first.
    package enum Start: Hashable, Sendable {
        case companies
        case company(String)
        case impersonation(String, reason: String, ticket: String?, user: String?, minutes: Int?)
    }

    /// The login, until the server says who it is.
    package var login: String
    /// What is connected to, as people call it.
    package var target: String
    package var start = Start.companies
    package var theme: String?
    package var themes: ThemeLibrary
    package var screen = Terminal.Screen.Options()
    package var keys = Keymap.standard
    /// Whether nothing may be changed from this console.
    package var isReadOnly = false
    /// After how many minutes without a key the screen is blanked; nil for never.
    package var idleLockMinutes: Int?
    /// The limits of a visitor to a demo; nil for everybody else.
    package var visit: Visit?
    /// Takes every frame that is shown, for a recording; whoever works here is told so on the screen.
    package var record: (@Sendable (Canvas, Theme) -> Void)?
    /// Whoever may look on meanwhile; whoever works here is told when somebody does.
    package var audience: Audience?
    /// Whether the console begins with a tour of itself.
    package var hasTour = false
    package var environment: [String: String]
    /// Opens the control connection; called again whenever it was lost, which the closure given to it tells.
    package var connect: Connect
    package var prove: Prove
    /// Notes what happened, for a log.
    package var note: @Sendable (ConsoleEvent) -> Void = { _ in }
    /// Remembers a theme that the user chose.
    package var keepTheme: @Sendable (String) -> Void = { _ in }
    /// How the lists were shown in the run before.
    package var tables = TablesKept()
    /// Remembers how the lists are shown.
    package var keepTables: @Sendable (TablesKept) -> Void = { _ in }

    package init(
        login: String, target: String, themes: ThemeLibrary, environment: [String: String],
        connect: @escaping Connect, prove: @escaping Prove
    ) {
        self.login = login
        self.target = target
        self.themes = themes
        self.environment = environment
        self.connect = connect
        self.prove = prove
    }
}
