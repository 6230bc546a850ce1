import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// Lists with more rows than fit, each row with an identity of its own.
enum HundredRows {
    static let count = 100

    static let companies = Fixture.manyCompanies(0..<count)

    static let users = (1...count).map { number in
        Fixture.user(Int64(number), "Person \(number)", "person-\(number)@awesome.example", .active)
    }

    static let journeys = (1...count).map { number in
        Journey(
            id: Int64(number), userID: 1, userName: "Ada Lovelace", name: "Journey \(number)",
            status: .running,
            currentStep: 1, steps: 3, currentStepName: "sign up", startedAt: Fixture.now,
            updatedAt: Fixture.now,
            keyset: Keyset(key: "", id: Int64(number)))
    }

    static let steps = (1...count).map { number in
        JourneyStep(
            id: Int64(number), journeyID: 1, position: number, name: "step-\(number)",
            state: number == 50 ? .active : .waiting, enteredAt: nil, completedAt: nil, note: nil)
    }

    static let trail = (1...count).reversed().map(Fixture.record)

    static let contexts = (1...count).map { number in
        ContextRecord(
            jti: "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count)
                + "\(number)",
            urlID: "company-\(number)", companyName: "Company \(number)", operatorName: "op-\(number)",
            purpose: .access, subject: nil, reason: nil, ticket: nil, issuedAt: Fixture.now,
            openedAt: Fixture.now, expiresAt: Fixture.now.addingTimeInterval(1500), endedAt: nil,
            endReason: nil, isLive: true)
    }

    static let requests = (1...count).map { Fixture.request("r\($0)", by: "op-\($0)") }

    static let operators = (1...count).map {
        Operator(login: "op-\($0)", level: .support, addedAt: Fixture.now)
    }

    static let tables = (1...count).map {
        TenantTable("table_\($0)", [TableColumn("id", "bigint", .number)], key: ["id"])
    }

    static let migrations = (1...count).map { Fixture.migration("company-\($0)", .done) }
}

extension Driver {
    /// Answers whatever is waited for, with a hundred rows each time; what it asks for then, too.
    func answerAll(sourceLocation: SourceLocation = #_sourceLocation) {
        for _ in 0..<50 {
            guard answerOne() else { return }
        }
        Issue.record("there is no end to what is asked for", sourceLocation: sourceLocation)
    }

    /// Answers one thing; says whether there was one.
    private func answerOne() -> Bool {
        if state.companies.list.pending != nil {
            answerCompanies(HundredRows.companies)
        } else if state.opening != nil {
            answerOpening()
        } else if state.context?.users.pending != nil {
            answerUsers(HundredRows.users)
        } else if let context = state.context, let pending = context.journeys.pending {
            let page = Page(rows: HundredRows.journeys, hasMore: false)
            send(.inside(context.id, .journeysLoaded(pending.request, pending.place, .success(page))))
        } else if state.context?.audit.pending != nil {
            answerAudit(HundredRows.trail)
        } else if state.context?.audit.trail.pending != nil {
            answerTrail(HundredRows.trail)
        } else if state.context?.overview.pending != nil {
            answerOverview()
        } else if state.context?.user?.pending != nil {
            answerUser(UserDetail(user: Fixture.users[0], journeys: HundredRows.journeys, steps: []))
        } else if state.context?.journey?.pending != nil {
            answerJourney(JourneyDetail(journey: HundredRows.journeys[0], steps: HundredRows.steps))
        } else if let pending = state.contexts?.pending {
            send(.control(.contextsLoaded(pending, .success(HundredRows.contexts))))
        } else if let pending = state.requests.pending {
            send(.control(.requestsLoaded(pending, .success(HundredRows.requests))))
        } else if let pending = state.operators?.pending {
            send(.control(.operatorsLoaded(pending, .success(HundredRows.operators))))
        } else if let pending = state.controlTrail?.list.pending {
            send(
                .control(
                    .controlTrailLoaded(
                        pending.request, pending.place,
                        .success(Fixture.controlTrail(901...1000, hasMore: false))
                    )))
        } else if state.migrations?.list.pending != nil {
            answerMigrations(HundredRows.migrations)
        } else if let request = state.proof?.request {
            send(.control(.proofMade(request, .success(Fixture.proof(failing: 3)))))
        } else {
            return answerScreen()
        }
        return true
    }

    /// Answers the screen of the company that is a value.
    private func answerScreen() -> Bool {
        for effect in takeEffects().reversed() {
            guard case .inside(let id, let request) = effect, state.context?.id == id else { continue }
            switch request {
            case .loadTables(let request):
                send(.inside(id, .tablesLoaded(request, .success(HundredRows.tables))))
            case .loadRows(let request, let query, let page):
                let rows = (1...100).map { number in
                    TableRow(
                        values: query.table.visibleColumns.map { _ in TableValue("value \(number)") },
                        key: query.table.key.isEmpty ? nil : ["\(number)"], place: RowPlace(["\(number)"]))
                }
                send(
                    .inside(id, .rowsLoaded(request, page.place, .success(Page(rows: rows, hasMore: false)))))
            case .loadRow(let request, let table, _):
                let long = String(repeating: "line\n", count: 99) + "line"
                let row = TableRow(
                    values: table.visibleColumns.map { _ in TableValue(long) }, key: ["1"],
                    place: RowPlace(["1"]))
                send(.inside(id, .rowLoaded(request, .success(row))))
            default: continue
            }
            return true
        }
        return false
    }
}
