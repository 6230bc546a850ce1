import FoundationEssentials
import Tenancy
import Terminal

/// A screen of a company: a value that can ask nothing of anybody but its own context.
///
/// What it asks for goes out with its company's address, and only that context's answers come to it: isolation is a type
/// here, and not a rule to be kept.
protocol TenantScreen: ListedScreen {
    /// What comes of what it asks for.
    associatedtype Answer: TenantScreenAnswer

    /// Whether `⏎` in its filter line opens the selected row at once.
    static var opensFromFilter: Bool { get }
    /// Whether the newest records of the trail stand below it.
    static var hasAuditPane: Bool { get }
    /// Whether it shows what is known of the company besides its rows.
    static var showsCompany: Bool { get }
    /// Whether it chooses its columns itself, by the names that its own rows have.
    static var choosesColumns: Bool { get }
    /// The same screen before anything was read.
    var unread: Self { get }
    /// The same screen for another context of the company: unread, but standing where this one stands.
    var elsewhere: Self { get }
    /// Whether what it shows was read.
    var isLoaded: Bool { get }
    /// Whom an impersonation that is begun here is for.
    var person: String? { get }

    mutating func load(_ shell: inout Shell) -> [TenantRequest]
    mutating func search(_ shell: inout Shell) -> [TenantRequest]
    mutating func perform(_ own: Own, _ shell: inout Shell) -> [TenantRequest]
    mutating func move(_ movement: Movement, _ shell: inout Shell) -> [TenantRequest]
    mutating func take(_ answer: Answer, _ shell: inout Shell) -> [TenantRequest]
    /// Does what was picked from a list that it asked for.
    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest]
    /// Orders its list by a column, from the beginning.
    mutating func order(by name: String, ascending: Bool, _ shell: inout Shell) -> [TenantRequest]
    /// Shows its list as it was shown in the run before.
    mutating func show(_ kept: [ListScreen: TableShown])
    /// Waits for no answer any more.
    mutating func forgetReads()
}

extension TenantScreen {
    static var opensByMouse: Bool { true }
    static var opensFromFilter: Bool { true }
    static var hasAuditPane: Bool { true }
    static var showsCompany: Bool { false }
    static var choosesColumns: Bool { false }
    var elsewhere: Self { unread }
    var person: String? { nil }

    mutating func search(_ shell: inout Shell) -> [TenantRequest] { [] }
    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest] {
        []
    }
    mutating func order(by name: String, ascending: Bool, _ shell: inout Shell) -> [TenantRequest] { [] }
    mutating func show(_ kept: [ListScreen: TableShown]) {}
}

/// Any screen of a company.
struct AnyTenantScreen: Equatable, Sendable {
    var screen: any TenantScreen

    init(_ screen: any TenantScreen) { self.screen = screen }

    static func == (one: AnyTenantScreen, other: AnyTenantScreen) -> Bool { one.screen.equals(other.screen) }
}

/// What a screen of a company may know of the context that it stands in.
struct Standing: Equatable, Sendable {
    var urlID: String
    var mayWrite: Bool
    var isImpersonating: Bool
    var isInterrupted: Bool
    /// Whether a change is on its way.
    var isChanging: Bool
    /// The newest record of the trail.
    var newestRecord: AuditRecord?
    /// The server's clock.
    var now: Date

    init(_ context: ContextState, at now: Milliseconds) {
        urlID = context.urlID
        mayWrite = context.open.access == .readWrite
        isImpersonating = context.isImpersonating
        isInterrupted = context.isInterrupted
        isChanging = context.isChanging
        newestRecord = context.audit.newestRecord
        self.now = context.serverNow(at: now)
    }
}

extension Shell {
    /// Whether something may be changed in the company now; else a notice says why not.
    mutating func mayChange() -> Bool {
        guard let standing else { return false }
        if !standing.mayWrite {
            say(
                standing.isImpersonating
                    ? "The policy of this company allows reading only."
                    : "This context is read-only. Impersonate (\(keys.label(of: .impersonate))) with a written reason "
                        + "to change something.",
                .warning)
            return false
        }
        if standing.isInterrupted {
            say("Nothing was changed: the connection is lost. Try again when it is back.", .failure)
            return false
        }
        if standing.isChanging {
            say("The change before this one is still on its way.", .warning)
            return false
        }
        return true
    }

    /// Says why a command that needs a row does nothing.
    mutating func sayNoRow() { say("No row is selected here.", .warning) }
}

extension ConsoleState {
    /// Whether something may be changed in the company on screen now; else a notice says why not.
    mutating func mayChange() -> Bool {
        guard let context else { return false }
        shell.standing = Standing(context, at: shell.now)
        defer { shell.standing = nil }
        return shell.mayChange()
    }

    /// Does something with the company's screen that asks for nothing.
    mutating func onScreenOfCompany(_ body: (inout any TenantScreen) -> Void) {
        guard var any = company?.context.screen else { return }
        body(&any.screen)
        company?.context.screen = any
    }
}

extension OpenCompany {
    /// Lets the screen that is on do something, and addresses what it asks for to its own context.
    mutating func onScreen(
        _ shell: inout Shell, _ body: (inout any TenantScreen, inout Shell) -> [TenantRequest]
    ) -> [Effect] {
        guard var any = context.screen else { return [] }
        shell.standing = Standing(context, at: shell.now)
        defer { shell.standing = nil }
        var requests = body(&any.screen, &shell)
        if context.isInterrupted {
            // Nothing goes out and nothing is waited for: all of it is read again when the connection is back.
            any.screen.forgetReads()
            requests = []
        }
        context.screen = any
        return requests.map { .inside(context.id, $0) }
    }

    /// Hands an answer to every screen of its kind that stands in the company: the one that waits for it knows it by its number.
    mutating func hand(_ answer: any TenantScreenAnswer, _ shell: inout Shell) -> [Effect] {
        shell.standing = Standing(context, at: shell.now)
        defer { shell.standing = nil }
        var requests: [TenantRequest] = []
        context.onEveryScreen { requests += $0.receive(answer, &shell) }
        return requests.map { .inside(context.id, $0) }
    }
}
