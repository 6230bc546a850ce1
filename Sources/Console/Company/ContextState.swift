import Tenancy

/// One open context with the screens that stand in it; nothing of it outlives the context.
struct ContextState: Equatable, Sendable {
    enum Tab: Int, CaseIterable, Sendable { case overview, users, journeys, tables, audit }

    /// A screen opened from a list.
    enum Place: Equatable, Sendable {
        case user(UserState)
        case journey(JourneyState)
        /// A screen that is a value.
        case screen(AnyTenantScreen)
    }

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
    var users = ListState<User>()
    var userSort = User.Sort.name
    var userAscending = true
    var journeys = ListState<Journey>()
    var journeySort = Journey.Sort.updatedAt
    var journeyAscending = false
    var overview = OverviewState()
    var tables = TablesScreen()
    var audit = AuditState()
    var path: [Place] = []
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
        tab = tabs.contains(.users) ? .users : .tables
    }

    /// The tabs that there are: an adopted company has the tables of its application, and no others.
    var tabs: [Tab] { open.isAdopted ? [.tables, .audit] : Tab.allCases }

    var urlID: String { open.urlID }

    func millisecondsLeft(at now: Milliseconds) -> Milliseconds { max(0, endsAt - now) }

    /// Forgets every row of the tenant, and keeps the sentence that says why.
    mutating func wipe(why: String, at now: Milliseconds) {
        guard ended == nil else { return }
        ended = Ended(at: now, why: why)
        isInterrupted = false
        isChanging = false
        users.wipe()
        journeys.wipe()
        overview = OverviewState()
        tables = TablesScreen()
        audit.wipe()
        path = []
        history = History()
        export = nil
    }

    /// Takes another context's place: the same screen, nothing of its rows.
    mutating func standWhere(_ other: ContextState) {
        tab = other.tab
        (userSort, userAscending) = (other.userSort, other.userAscending)
        (journeySort, journeyAscending) = (other.journeySort, other.journeyAscending)
        users.filter = other.users.filter
        journeys.filter = other.journeys.filter
        tables = other.tables.unread
        audit.trail.filter = other.audit.trail.filter
        audit.isPaused = other.audit.isPaused
        path = other.path.map { place in
            switch place {
            case .user(let user): .user(UserState(id: user.id, selected: user.selected))
            case .journey(let journey): .journey(JourneyState(id: journey.id, selected: journey.selected))
            case .screen(let screen): .screen(AnyTenantScreen(screen.screen.unread))
            }
        }
    }

    var usersQuery: UsersQuery {
        UsersQuery(filter: users.meaning.text, sort: userSort, ascending: userAscending)
    }

    var journeysQuery: JourneysQuery {
        JourneysQuery(filter: journeys.meaning.text, sort: journeySort, ascending: journeyAscending)
    }
}
