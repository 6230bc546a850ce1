import Tenancy
import Terminal

/// Everything the console knows; the screen is a function of it.
struct ConsoleState: Equatable, Sendable {
    /// The control connection.
    enum Link: Equatable, Sendable {
        case connecting
        case up
        /// Lost, or never there; the next attempt is on its way.
        case down(String, attempts: Int)
    }

    /// A sentence at the bottom that goes away by itself with the next key.
    struct Notice: Equatable, Sendable {
        enum Kind: Equatable, Sendable { case done, warning, failure }
        var kind: Kind
        var text: DisplayText
    }

    var size: Size
    var now: Milliseconds = 0
    /// The operator that the connection is made as, until the server says it.
    var login: String
    var target: String
    var identity: Identity?
    /// When the server told who this is, and its time.
    var linkedAt: Milliseconds = 0
    var link = Link.connecting
    /// An attempt to connect is under way, or waits for its turn.
    var isLinking = true

    var companies = CompaniesState()
    var contexts: ContextsState?
    var requests = RequestsState()
    /// Whether the requests are on screen.
    var showsRequests = false
    var operators: OperatorsState?
    /// The engine's own trail, on screen.
    var controlTrail: ControlTrailState?
    /// Where every company stands on its way to the newest blueprint, on screen.
    var migrations: MigrationsState?
    /// The proof of one company, on screen.
    var proof: ProofState?
    /// A request of one's own that waits for a decision.
    var wait: ApprovalWait?
    /// What the server said of companies one by one, by their url ids.
    var known: [String: Company] = [:]
    /// The context that the screen shows; nil shows the companies.
    var context: ContextState?
    /// The plain context that an impersonation was started from; its screen comes back afterwards.
    var parked: ContextState?
    /// The number of the company on screen among those that are open.
    var number = 1
    /// The open companies that are not on screen, by their numbers.
    var others: [OpenCompany] = []
    /// A context that is being opened.
    var opening: Opening?
    /// The company on screen before this one.
    var lastCompany: String?
    var overlays: [Overlay] = []
    var notice: Notice?
    var themes: [String]
    var theme: String
    var glyphs = Glyphs.unicode
    var showsAuditPane = true
    var keys = Keymap.standard
    /// Whether nothing may be changed from here, whoever works here.
    var isReadOnly = false
    var idleLock = IdleLock()
    /// The limits of a visitor, and where they stand.
    var visit: VisitState?
    /// Why the visit was ended that the visitor did not end.
    var visitEnd: Visit.End?
    /// The server wants a password, and nothing is open: the screen gives way to whoever asks for it.
    var lacksPassword = false
    /// The tour, while it plays.
    var tour: TourState?
    /// What is being typed into a filter that the server answers.
    var typed: TypedQuestion?
    /// Frames shown so far; a confirmation counts only when its question was on one.
    var frames = 0
    var recents: [String] = []
    /// What was run from the palette, newest first.
    var ran: [PaletteEntry.Target] = []
    /// How each list is shown: columns, widths, order.
    var tables: [ListScreen: TableShown] = [:]
    /// How far the columns of each list are scrolled.
    var shifts: [ListScreen: Int] = [:]
    private var lastRequest = 0
    private var lastContext = 0

    /// A context on its way.
    struct Opening: Equatable, Sendable {
        var id: ContextID
        var intent: ContextIntent
        /// The context that was on screen when it was asked for; when another is by then, that one stays.
        var askedIn: ContextID?
        var since: Milliseconds
    }

    init(size: Size, login: String, target: String, themes: [String], theme: String) {
        self.size = size
        self.login = login
        self.target = target
        self.themes = themes
        self.theme = theme
    }

    mutating func nextRequest() -> RequestID {
        lastRequest += 1
        return RequestID(number: lastRequest)
    }

    mutating func nextContext() -> ContextID {
        lastContext += 1
        return ContextID(number: lastContext)
    }

    /// The screen below any overlay.
    var scope: Scope {
        if contexts != nil { return .contexts }
        if showsRequests { return .requests }
        if operators != nil { return .operators }
        if controlTrail != nil { return .controlTrail }
        if migrations != nil { return .migrations }
        if proof != nil { return .proof }
        guard let context else { return .companies }
        if context.audit.isFullScreen { return .audit }
        switch context.path.last {
        case .user: return .user
        case .journey: return .journey
        case nil: return context.tab == .audit ? .audit : .workspace
        }
    }

    /// Whether a screen lies over the companies, or over the company that is open.
    var hasScreenOnTop: Bool {
        contexts != nil || showsRequests || operators != nil || controlTrail != nil || migrations != nil
            || proof != nil
    }

    /// Leaves such a screen; a proof that is being made there is stopped.
    mutating func closeScreens() -> [Effect] {
        let stopping = cancelProof() ?? []
        contexts = nil
        showsRequests = false
        operators = nil
        controlTrail = nil
        migrations = nil
        proof = nil
        return stopping
    }

    var operatorName: String { identity?.operatorName ?? login }

    /// Whether the context on screen belongs to an impersonation: every view then stands in its frame.
    var isImpersonating: Bool { context?.isImpersonating == true }

    mutating func say(_ text: DisplayText, _ kind: Notice.Kind = .done) {
        notice = Notice(kind: kind, text: text)
    }

    mutating func say(_ error: TenancyError) {
        say(DisplayText(error.sentence), .failure)
    }

    /// Says that a change failed; first of all whether anything was done.
    mutating func sayNotChanged(_ error: TenancyError) {
        say(DisplayText(error.sentenceOfChange), .failure)
    }
}
