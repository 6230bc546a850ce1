import FoundationEssentials
import Tenancy
import Terminal

/// What every screen stands in: the terminal's size, the clock, who works here, what lies over the screen.
struct Shell: Equatable, Sendable {
    /// A sentence at the bottom that goes away by itself with the next key.
    struct Notice: Equatable, Sendable {
        enum Kind: Equatable, Sendable { case done, warning, failure }
        var kind: Kind
        var text: DisplayText

        /// That a read failed; a cancelled one was wished for.
        static func ofRead(_ error: TenancyError) -> Notice {
            error.code == .cancelled
                ? Notice(kind: .warning, text: "Cancelled, in PostgreSQL too.")
                : Notice(kind: .failure, text: DisplayText(error.sentence))
        }

        /// That a change failed; first of all whether anything was done.
        static func ofChange(_ error: TenancyError) -> Notice {
            Notice(kind: .failure, text: DisplayText(error.sentenceOfChange))
        }
    }

    /// The numbers given to requests and contexts so far.
    private struct Numbers: Equatable, Sendable {
        var request = 0
        var context = 0
    }

    var size: Size
    var now: Milliseconds = 0
    var server: ControlLink
    /// The requests of which something can still come, kept up to date whether they are on screen or not.
    var requests = RequestsInbox()
    var overlays: [Overlay] = []
    var notice: Notice?
    var looks: Looks
    var showsAuditPane = true
    var keys = Keymap.standard
    /// Frames shown so far; a confirmation counts only when its question was on one.
    var frames = 0
    var lists = ListsShown()
    /// How many rows the list on screen has room for.
    var listRows = 1
    /// What was typed into forms that were left without being sent.
    var drafts = Drafts()
    /// What the server said of companies one by one, by their url ids.
    var known: [String: Company] = [:]
    /// What a screen asks for that is not its own to do.
    var passage: Passage?
    /// The context that the screen stands in which is doing something.
    var standing: Standing?
    private var numbers = Numbers()

    init(size: Size, login: String, target: String, themes: [String], theme: String) {
        self.size = size
        server = ControlLink(login: login, target: target)
        looks = Looks(themes: themes, theme: theme)
    }

    mutating func nextRequest() -> RequestID {
        numbers.request += 1
        return RequestID(number: numbers.request)
    }

    mutating func nextContext() -> ContextID {
        numbers.context += 1
        return ContextID(number: numbers.context)
    }

    var operatorName: String { server.identity?.operatorName ?? server.login }
    var isAdmin: Bool { server.identity?.level == .admin }
    /// Whether this operator may see and decide requests at all.
    var takesPartInRequests: Bool { server.identity?.level.mayImpersonate == true }
    /// How many rows to ask for at once: two screens, and never so few that paging stutters.
    var pageLimit: Int { min(200, max(50, listRows * 2)) }

    /// Asks a question; a reason that was typed for it before stands there again.
    mutating func ask(_ confirm: ConfirmState) {
        var confirm = confirm
        if confirm.reason != nil, let typed = drafts.reason(for: confirm.subject) { confirm.reason = typed }
        overlays.append(.confirm(confirm))
    }

    /// Opens a form, with what was typed into it before.
    mutating func open(_ form: EntryForm) { overlays.append(.form(drafts.taken(up: form))) }

    /// Says that what was typed is not lost.
    mutating func sayKept() { say("What you typed is kept; it is there when you ask again.") }

    mutating func say(_ text: DisplayText, _ kind: Notice.Kind = .done) {
        notice = Notice(kind: kind, text: text)
    }

    mutating func say(_ error: TenancyError) {
        say(DisplayText(error.sentence), .failure)
    }

    /// Says that a change failed; first of all whether anything was done.
    mutating func sayNotChanged(_ error: TenancyError) {
        notice = .ofChange(error)
    }

    /// Shows an error of a read; a cancelled one was wished for.
    mutating func report(_ error: TenancyError) {
        notice = .ofRead(error)
    }

    /// The server's clock as the control connection told it, counted on by this machine's monotonic one.
    var serverNow: Date { server.time(at: now) ?? Date() }

    // MARK: Orders of lists that are read as a whole

    /// The order that a list had in the run before.
    func keptOrder(of screen: ListScreen) -> Table.Order? {
        guard let shown = lists.tables[screen], let sort = shown.sort,
            let column = screen.columns.firstIndex(where: { $0.sort == sort })
        else { return nil }
        return Table.Order(column: column, isAscending: shown.ascending ?? true)
    }

    /// Keeps the order that was given to a list.
    mutating func keep(_ order: Table.Order?, of screen: ListScreen) -> [Effect] {
        lists.tables[screen, default: TableShown()].sort = order.flatMap { screen.columns[$0.column].sort }
        lists.tables[screen, default: TableShown()].ascending = order?.isAscending
        return [keepTables]
    }

    /// Remembers how lists are shown, for the next run.
    var keepTables: Effect { .terminal(.keepTables(TablesKept(lists.tables, rows: lists.hiddenColumns))) }

    /// Says why a list that is in the server's order can't be turned around.
    mutating func sayNoOrder() {
        say("The list is in the server's order; \(keys.label(of: .sort)) orders it by a column.", .warning)
    }
}

/// What a screen asks for that concerns the companies that are open.
enum Passage: Equatable, Sendable {
    /// Begins an impersonation that was approved.
    case claim(ApprovalRequest)
    /// Goes into a company.
    case company(String)
    /// Asks for what an impersonation in a company needs.
    case impersonate(Company)
    /// Proves a company's isolation.
    case prove(Company)
    /// Opens a screen of the company on screen.
    case enter(AnyTenantScreen)
    /// Orders a list by a column, and keeps that for the next run.
    case order(ListScreen, by: String, ascending: Bool)
    /// Keeps how lists are shown for the next run.
    case keepTables
    case copy(String, what: String)
}
