import Tenancy
import Terminal
import Testing

@testable import Console

/// Drives a console state as the loop does, without a terminal and without a database.
final class Driver {
    /// What the terminals of the drivers made now can draw.
    @TaskLocal static var glyphs = Glyphs.unicode

    var state: ConsoleState
    /// What the state asked for since `takeEffects` was called.
    private(set) var effects: [Effect] = []
    var now: Milliseconds = 1_000_000

    init(columns: Int = 100, rows: Int = 30, level: Operator.Level = .support, login: String = "alice") {
        state = ConsoleState(
            size: Size(columns: columns, rows: rows), login: login, target: "piste", themes: Fixture.themes,
            theme: "piste")
        state.glyphs = Self.glyphs
        effects = state.start()
        send(
            .control(
                .linked(
                    Identity(operatorName: login, level: level, serverTime: Fixture.now, engineVersion: "1")))
        )
    }

    func send(_ action: Action) {
        effects += state.update(action, at: now)
    }

    /// How many keys were pressed besides typed text.
    private(set) var keys = 0

    /// Presses a key and presents the frame that follows.
    func press(_ keys: Key...) {
        for key in keys {
            self.keys += 1
            send(.input(.key(key)))
            present()
        }
    }

    func present() { state.notePresented() }

    func type(_ text: String) {
        for character in text {
            send(.input(.key(.character(character))))
            present()
            // By hand, and slowly enough for each letter of a filter to be a question.
            if state.filterTarget != nil { now += TypedQuestion.pause }
        }
    }

    func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    var frame: String { FrameView(state).draw().canvas.text }

    // MARK: Answers

    /// Answers the request for companies that is under way.
    func answerCompanies(_ companies: [Company] = Fixture.companies, hasMore: Bool = false) {
        guard let pending = state.companies.list.pending else {
            Issue.record("no companies were asked for")
            return
        }
        send(
            .control(
                .companiesLoaded(
                    pending.request, pending.place, .success(Page(rows: companies, hasMore: hasMore)))))
        send(.control(.companiesCounted(search: state.companies.list.meaning.text, companies.count)))
    }

    /// Answers the context that is being opened.
    func answerOpening(minutes: Double = 30, purpose: OpenContext.Purpose = .access, subject: String? = nil) {
        guard let opening = state.opening else {
            Issue.record("no context is being opened")
            return
        }
        send(
            .inside(
                opening.id,
                .opened(
                    Fixture.context(opening.urlID, minutes: minutes, purpose: purpose, subject: subject),
                    opening.intent)))
    }

    func answerUsers(_ users: [User] = Fixture.users, hasMore: Bool = false) {
        guard let context = state.context, let pending = context.users.pending else {
            Issue.record("no users were asked for")
            return
        }
        send(
            .inside(
                context.id,
                .usersLoaded(pending.request, pending.place, .success(Page(rows: users, hasMore: hasMore)))))
    }

    func answerAudit(_ records: [AuditRecord] = Fixture.trail) {
        guard let context = state.context, let pending = context.audit.pending else {
            Issue.record("no records were asked for")
            return
        }
        send(.inside(context.id, .auditLoaded(pending, .success(records))))
    }

    /// Goes to the whole trail, with its records in.
    func goToTrail() {
        press(.character("5"))
        answerTrail()
    }

    /// Answers the read of the trail on the whole screen.
    func answerTrail(_ records: [AuditRecord] = Fixture.trail, hasMore: Bool = false) {
        guard let context = state.context, let pending = context.audit.trail.pending else {
            Issue.record("no trail was asked for")
            return
        }
        send(
            .inside(
                context.id,
                .trailLoaded(pending.request, pending.place, .success(Page(rows: records, hasMore: hasMore))))
        )
    }

    func answerUser(_ detail: UserDetail? = Fixture.ada) {
        guard let context = state.context, let pending = context.user?.pending else {
            Issue.record("no user was asked for")
            return
        }
        send(.inside(context.id, .userLoaded(pending, .success(detail))))
    }

    /// The console inside Awesome Corp, on its users.
    static func inside(columns: Int = 100, rows: Int = 30, level: Operator.Level = .support) -> Driver {
        let driver = Driver(columns: columns, rows: rows, level: level)
        driver.answerCompanies()
        driver.press(.enter)
        driver.answerOpening()
        driver.answerUsers()
        driver.answerAudit()
        _ = driver.takeEffects()
        return driver
    }

    /// The console impersonating Ada, on her screen.
    static func impersonating(columns: Int = 100, rows: Int = 30) -> Driver {
        let driver = inside(columns: columns, rows: rows)
        driver.press(.enter)
        driver.answerUser()
        driver.press(.character("i"))
        driver.type("cannot finish onboarding")
        driver.press(.tab)
        driver.type("SUP-812")
        driver.press(.tab)
        driver.type("10")
        driver.press(.tab)
        driver.type("awesome")
        driver.press(.enter)
        driver.answerOpening(minutes: 10, purpose: .impersonation, subject: "ada@awesome.example")
        driver.answerUser()
        driver.answerAudit()
        _ = driver.takeEffects()
        return driver
    }
}

extension ConsoleState.Opening {
    var urlID: String { intent.urlID }
}

extension Driver {
    func answerJourney(_ detail: JourneyDetail? = Fixture.journey) {
        guard let context = state.context, let pending = context.journey?.pending else {
            Issue.record("no journey was asked for")
            return
        }
        send(.inside(context.id, .journeyLoaded(pending, .success(detail))))
    }

    func answerJourneys() {
        guard let context = state.context, let pending = context.journeys.pending else {
            Issue.record("no journeys were asked for")
            return
        }
        let page = Page(rows: [Fixture.onboarding, Fixture.firstOrder], hasMore: false)
        send(.inside(context.id, .journeysLoaded(pending.request, pending.place, .success(page))))
    }

    func answerOverview(_ figures: Overview = Fixture.overview) {
        guard let context = state.context, let pending = context.overview.pending else {
            Issue.record("no overview was asked for")
            return
        }
        send(.inside(context.id, .overviewLoaded(pending, .success(figures))))
    }

    func answerContexts() {
        guard let pending = state.contexts?.pending else {
            Issue.record("no contexts were asked for")
            return
        }
        send(.control(.contextsLoaded(pending, .success(Fixture.contexts))))
    }
}

extension Driver {
    func answerRequests(_ requests: [ApprovalRequest]) {
        guard let pending = state.requests.pending else {
            Issue.record("no requests were asked for")
            return
        }
        send(.control(.requestsLoaded(pending, .success(requests))))
    }
}
