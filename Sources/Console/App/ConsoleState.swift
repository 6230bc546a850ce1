import Tenancy
import Terminal

/// Everything the console knows; what is on the terminal is a function of it.
@dynamicMemberLookup
struct ConsoleState: Equatable, Sendable {
    typealias Notice = Shell.Notice

    var shell: Shell
    var companies = CompaniesScreen()
    /// The screen that lies over the companies, or over the company that is open.
    var top: AnyScreen?
    /// The company on screen; nil shows the companies.
    var company: OpenCompany?
    /// The open companies that are not on screen, by their numbers.
    var others: [OpenCompany] = []
    /// A context that is being opened.
    var opening: Opening?
    /// A request of one's own that waits for a decision.
    var wait: ApprovalWait?
    /// The company on screen before this one.
    var lastCompany: String?
    /// The companies that were entered, and what was run from the palette, newest first.
    var recents: [String] = []
    var ran: [PaletteEntry.Target] = []
    /// What is being typed into a filter that the server answers.
    var typed: TypedQuestion?
    /// Whether nothing may be changed from here, whoever works here.
    var isReadOnly = false
    /// Whether every frame is recorded, and somebody may be looking.
    var isRecorded = false
    var idleLock = IdleLock()
    /// The limits of a visitor, and where they stand.
    var visit: VisitState?
    /// Why the visit was ended that the visitor did not end.
    var visitEnd: Visit.End?
    /// The server wants a password, and nothing is open: the screen gives way to whoever asks for it.
    var lacksPassword = false
    /// The tour, while it plays.
    var tour: TourState?

    /// A context on its way.
    struct Opening: Equatable, Sendable {
        var id: ContextID
        var intent: ContextIntent
        /// The context that was on screen when it was asked for; when another is by then, that one stays.
        var askedIn: ContextID?
        var since: Milliseconds
    }

    init(size: Size, login: String, target: String, themes: [String], theme: String) {
        shell = Shell(size: size, login: login, target: target, themes: themes, theme: theme)
    }

    subscript<Value>(dynamicMember member: WritableKeyPath<Shell, Value>) -> Value {
        get { shell[keyPath: member] }
        _modify { yield &shell[keyPath: member] }
    }

    subscript<Value>(dynamicMember member: KeyPath<Shell, Value>) -> Value { shell[keyPath: member] }

    var size: Size { shell.size }
    var identity: Identity? { shell.server.identity }
    var link: ControlLink.State { shell.server.state }
    var glyphs: Glyphs {
        get { shell.looks.glyphs }
        set { shell.looks.glyphs = newValue }
    }
    var theme: String {
        get { shell.looks.theme }
        set { shell.looks.theme = newValue }
    }

    mutating func nextRequest() -> RequestID { shell.nextRequest() }
    mutating func nextContext() -> ContextID { shell.nextContext() }
    mutating func say(_ text: DisplayText, _ kind: Notice.Kind = .done) { shell.say(text, kind) }
    mutating func say(_ error: TenancyError) { shell.say(error) }
    mutating func sayNotChanged(_ error: TenancyError) { shell.sayNotChanged(error) }
    mutating func report(_ error: TenancyError) { shell.report(error) }

    /// The context that the screen shows.
    var context: ContextState? {
        get { company?.context }
        set { if let newValue { company?.context = newValue } }
    }

    /// The plain context that the impersonation on screen was started from.
    var parked: ContextState? { company?.parked }

    /// The number of the company on screen among those that are open.
    var number: Int? { company?.number }

    /// The screen below any overlay.
    var scope: Scope {
        if let screen = controlScreen { return type(of: screen.screen).scope }
        return context?.screen.map { type(of: $0.screen).scope } ?? .ended
    }

    /// Where the keys go: what lies over the screen, the filter line, or the screen itself.
    var keyScope: Scope {
        shell.overlays.last?.layer.scope ?? (filterTarget == nil ? scope : .filterLine)
    }

    /// The screen that is on and asks over the control connection: the one on top, or the companies; nil inside a company.
    var controlScreen: AnyScreen? {
        get { top ?? (company == nil ? AnyScreen(companies) : nil) }
        set {
            if top != nil {
                top = newValue
            } else if let screen = newValue?.screen as? CompaniesScreen {
                companies = screen
            }
        }
    }

    /// Lets that screen do something.
    mutating func onControlScreen<Value>(
        _ body: (inout any Screen, inout Shell) -> Value
    ) -> Value? {
        guard var screen = controlScreen?.screen else { return nil }
        let value = body(&screen, &shell)
        controlScreen = AnyScreen(screen)
        return value
    }

    /// Whether a screen lies over the companies, or over the company that is open.
    var hasScreenOnTop: Bool { top != nil }

    /// Whether the context on screen belongs to an impersonation: every view then stands in its frame.
    var isImpersonating: Bool { context?.isImpersonating == true }

    // MARK: The screen on top

    /// Puts a screen over whatever is there, and has it read; one that is there already is read again.
    mutating func put<Top: Screen>(_ screen: Top) -> [Effect] {
        if scope == Top.scope { return top?.screen.load(&shell) ?? [] }
        let closing = closeScreens()
        top = AnyScreen(screen)
        if let table = Top.table { top?.screen.setOrder(shell.keptOrder(of: table)) }
        return closing + (top?.screen.load(&shell) ?? [])
    }

    /// Leaves the screen on top; what it waits for is stopped where it would go on for nobody.
    mutating func closeScreens() -> [Effect] {
        let stopping = scope == .proof ? top?.screen.cancel() ?? [] : []
        top = nil
        return stopping
    }
}
