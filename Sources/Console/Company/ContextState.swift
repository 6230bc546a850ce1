import FoundationEssentials
import Tenancy

/// One open context with the screens that stand in it; nothing of it outlives the context.
struct ContextState: Equatable, Sendable {
    enum Tab: Int, CaseIterable, Sendable { case overview, users, journeys, tables, audit }

    /// How a context came to its end.
    struct Ended: Equatable, Sendable {
        var at: Milliseconds
        var why: String
    }

    let id: ContextID
    var open: OpenContext
    /// What an impersonation was asked for with.
    var wish: ImpersonationRequest?
    /// The end by this machine's monotonic clock: what was left when the server answered, counted from then.
    var endsAt: Milliseconds
    var lifetime: Milliseconds
    var ended: Ended?
    /// The connection is lost and the same token is being tried again.
    var isInterrupted = false
    var attempts = 0

    var tab = Tab.users
    /// The first screens of the tabs, but for the trail.
    private var firsts: [AnyTenantScreen]
    /// The trail: its newest records stand below every other screen.
    var audit = TrailScreen()
    /// The screens that were opened from the tab's first one, the last of them on top.
    var path: [AnyTenantScreen] = []
    /// The screens visited, to go back and forward through.
    var history = History()
    /// The export that runs.
    var export: ExportRun?
    /// What is being changed; the keys that change something wait for it.
    var isChanging = false

    init(id: ContextID, open: OpenContext, now: Milliseconds) {
        self.id = id
        self.open = open
        lifetime = Milliseconds(max(0, open.secondsLeft) * 1000)
        endsAt = now + lifetime
        firsts = Tab.allCases.map { $0.first(in: open) }
        tab = tabs.contains(.users) ? .users : .tables
    }

    /// The tabs that there are: an adopted company has the tables of its application, and of users and journeys those that its
    /// map names.
    var tabs: [Tab] {
        guard open.isAdopted else { return Tab.allCases }
        return Tab.allCases.filter {
            switch $0 {
            case .overview: true
            case .users: open.played?.users != nil
            case .journeys: open.played?.journeys != nil
            case .tables, .audit: true
            }
        }
    }

    var urlID: String { open.urlID }

    func millisecondsLeft(at now: Milliseconds) -> Milliseconds { max(0, endsAt - now) }

    /// Forgets every row of the tenant, and keeps the sentence that says why.
    mutating func wipe(why: String, at now: Milliseconds) {
        guard ended == nil else { return }
        ended = Ended(at: now, why: why)
        isInterrupted = false
        isChanging = false
        firsts = Tab.allCases.map { $0.first(in: open) }
        audit.wipe()
        path = []
        history = History()
        export = nil
    }

    /// Takes another context's place: the same screen, nothing of its rows.
    mutating func standWhere(_ other: ContextState) {
        tab = other.tab
        for tab in Tab.allCases { self[tab] = AnyTenantScreen(other[tab].screen.elsewhere) }
        path = other.path.map { AnyTenantScreen($0.screen.elsewhere) }
    }
}

extension ContextState {
    /// The first screen of a tab.
    subscript(tab: Tab) -> AnyTenantScreen {
        get { tab == .audit ? AnyTenantScreen(audit) : firsts[tab.rawValue] }
        set {
            if let trail = newValue.screen as? TrailScreen {
                audit = trail
            } else {
                firsts[tab.rawValue] = newValue
            }
        }
    }

    /// The screen that is on; nil once the context is over.
    var screen: AnyTenantScreen? {
        get {
            guard ended == nil else { return nil }
            return audit.isFullScreen ? self[.audit] : path.last ?? self[tab]
        }
        set {
            guard ended == nil, let newValue else { return }
            if audit.isFullScreen {
                self[.audit] = newValue
            } else if path.isEmpty {
                self[tab] = newValue
            } else {
                path[path.count - 1] = newValue
            }
        }
    }

    /// Does something with every screen that stands in it.
    mutating func onEveryScreen(_ body: (inout any TenantScreen) -> Void) {
        for tab in Tab.allCases { body(&self[tab].screen) }
        for place in path.indices { body(&path[place].screen) }
    }

    /// Since when the screen waits for an answer.
    var waitingSince: Milliseconds? { screen?.screen.waitingSince }

    /// Whether a read of the screen runs for so long that `esc` is meant for it.
    func hasWaited(at now: Milliseconds) -> Bool {
        waitingSince.map { now - $0 >= Spinner.delay } == true
    }

    /// Whom an impersonation that is begun here is for.
    var person: String? {
        path.reversed().lazy.compactMap(\.screen.person).first ?? self[tab].screen.person
    }

    /// The users whose rows were read already.
    var usersRead: [User] { (self[.users].screen as? UsersScreen)?.list.rows ?? [] }

    /// The server's clock as the context told it, counted on.
    func serverNow(at now: Milliseconds) -> Date {
        let since = Double(now - (endsAt - Milliseconds(open.secondsLeft * 1000))) / 1000
        return open.serverTime.addingTimeInterval(max(0, since))
    }
}

extension ContextState.Tab {
    /// Its first screen in a context, before anything was read: where a table plays users or journeys, its rows.
    func first(in open: OpenContext) -> AnyTenantScreen {
        func rows(of played: PlayedTable?) -> AnyTenantScreen? {
            played?.table.screen(among: open.played?.tables ?? [])
        }
        return switch self {
        case .overview: AnyTenantScreen(OverviewScreen())
        case .users: rows(of: open.played?.users) ?? AnyTenantScreen(UsersScreen())
        case .journeys: rows(of: open.played?.journeys) ?? AnyTenantScreen(JourneysScreen())
        case .tables: AnyTenantScreen(TablesScreen())
        case .audit: AnyTenantScreen(TrailScreen())
        }
    }
}
