import Tenancy
import Terminal
import Testing

@testable import Console

/// Orders, widths and columns of tables, and what is kept of them.
struct TableTests {
    @Test func everyColumnOfEveryListOrdersIt() {
        for screen in [ListScreen.companies, .users, .journeys] {
            for column in screen.columns { #expect(column.sort != nil, "\(screen): \(column.title)") }
        }
        #expect(Set(CompaniesView.columns.compactMap(\.sort)) == Set(Company.Sort.allCases.map(\.rawValue)))
        #expect(Set(UsersView.columns.compactMap(\.sort)) == Set(User.Sort.allCases.map(\.rawValue)))
        #expect(Set(JourneysView.columns.compactMap(\.sort)) == Set(Journey.Sort.allCases.map(\.rawValue)))
        for screen in [ListScreen.contexts, .requests, .operators] {
            for column in screen.columns { #expect(column.sort != nil, "\(screen): \(column.title)") }
        }
        #expect(ContextRecord.orders.count == ContextsView.columns.count)
        #expect(Operator.orders.count == OperatorsView.columns.count)
        #expect(ApprovalRequest.orders.count == RequestsView.columns.count)
    }

    @Test func ordersAndColumnsOfShortListsAreKept() throws {
        let driver = Driver.operators(Size(columns: 100, rows: 30))
        driver.press(.character("s"), .character("s"), .character("S"))
        let kept = try #require(
            driver.takeEffects().compactMap {
                if case .terminal(.keepTables(let kept)) = $0 { kept } else { nil }
            }.last)
        #expect(kept.lists["operators"]?.sort == "LEVEL" && kept.lists["operators"]?.ascending == false)
        driver.press(.character("c"), .down, .down, .character(" "), .escape)
        #expect(!driver.frame.contains("SINCE"))
        driver.press(.escape, .character("O"))
        driver.answerOperators()
        #expect(driver.frame.contains("LEVEL ↓"))
        let next = Driver.admin()
        next.state.take(kept)
        next.press(.character("O"))
        next.answerOperators()
        #expect(next.frame.contains("LEVEL ↓"))
        next.press(.character("c"), .down, .character("s"), .escape)
        #expect(next.frame.contains("LEVEL ↑"))
    }

    @Test func theTrailsColumnsAreChosenAndWidened() {
        let driver = Driver.inside(columns: 100, rows: 30)
        driver.goToTrail()
        driver.press(.character("c"), .down, .character(" "), .escape)
        #expect(!driver.frame.contains("WHO"))
        driver.press(.character("c"), .down, .down, .character("s"), .escape)
        #expect(driver.state.context?.audit.trail.pending == nil, "a chain has one order")
        #expect(driver.takeEffects().contains { if case .terminal(.keepTables) = $0 { true } else { false } })
    }

    @Test func companiesAreOrderedByTheNextColumnAndTurnedAround() {
        let driver = Driver(columns: 200, rows: 40)
        driver.answerCompanies()
        _ = driver.takeEffects()
        #expect(driver.frame.contains("NAME ↑"))
        var seen: [Company.Sort] = []
        for _ in Company.Sort.allCases {
            driver.press(.character("s"))
            driver.answerCompanies()
            seen.append(driver.state.companies.sort)
        }
        #expect(Set(seen) == Set(Company.Sort.allCases))
        #expect(seen.last == .name)
        driver.press(.character("S"))
        driver.answerCompanies(Fixture.companies.reversed())
        #expect(driver.frame.contains("NAME ↓"))
        let queries = driver.takeEffects().compactMap { effect -> CompaniesQuery? in
            if case .control(.loadCompanies(_, let query, let page)) = effect, page.place == .start {
                query
            } else {
                nil
            }
        }
        #expect(queries.last == CompaniesQuery(filter: "", sort: .name, ascending: false))
    }

    @Test func theSelectedRowStaysSelectedWhateverTheOrder() {
        let driver = Driver.inside()
        driver.press(.character("c"), .down, .character("s"))
        #expect(driver.state.context?.usersQuery == UsersQuery(filter: "", sort: .email, ascending: true))
        driver.answerUsers()
        driver.press(.character("s"))
        #expect(driver.state.context?.usersQuery == UsersQuery(filter: "", sort: .email, ascending: false))
        driver.answerUsers(Fixture.users.reversed())
        #expect(driver.frame.contains("↓ orders"))
        driver.press(.escape)
        #expect(driver.frame.contains("EMAIL ↓"))
    }

    @Test func columnsAreMadeWiderAndNarrower() throws {
        let driver = Driver.inside(columns: 200, rows: 40)
        let area = Layout(driver.state).list.inner
        let before = driver.state.table(.users).widths(in: area)
        driver.press(.character("c"), .down, .character(">"), .character(">"))
        #expect(driver.state.table(.users).widths(in: area)[1] == before[1] + 4)
        #expect(driver.frame.contains("\(before[1] + 4) wide"))
        driver.press(.character("<"))
        #expect(driver.state.table(.users).widths(in: area)[1] == before[1] + 2)
        for _ in 0..<200 { driver.press(.character("<")) }
        #expect(driver.state.table(.users).widths(in: area)[1] == 4)
        driver.press(.character("="))
        #expect(driver.state.table(.users).widths(in: area) == before)
        // However wide, nothing is drawn beyond the border.
        driver.press(.up)
        for _ in 0..<200 { driver.press(.character(">")) }
        driver.press(.escape)
        let widths = driver.state.table(.users).widths(in: area)
        #expect(widths.filter { $0 > 0 }.reduce(0) { $0 + $1 + 1 } <= area.columns - 3)
    }

    @Test func columnsThatFindNoRoomAreScrolledTo() {
        let driver = Driver.inside(columns: 60, rows: 24)
        #expect(driver.frame.contains("›"))
        #expect(!driver.frame.contains("CREATED"))
        var seen = Set(UsersView.columns.map(\.title.string).filter(driver.frame.contains))
        for _ in 0..<8 {
            driver.press(.character("l"))
            #expect(driver.frame.contains("NAME"))
            #expect(driver.frame.contains("‹"))
            for title in UsersView.columns.map(\.title.string) where driver.frame.contains(title) {
                seen.insert(title)
            }
        }
        #expect(seen == Set(UsersView.columns.map(\.title.string)))
        #expect(!driver.frame.contains("›"), "the last column is on screen")
        #expect(driver.state.context?.path.isEmpty == true, "scrolling opens nothing")
        for _ in 0..<20 { driver.press(.left) }
        #expect(driver.state.lists.shifts[.users] == 0)
        #expect(driver.state.context != nil, "scrolling back leaves nothing")
        #expect(!driver.frame.contains("‹"))
        driver.press(.right)
        #expect(driver.state.lists.shifts[.users] == 1)
        driver.send(.input(.resize(Size(columns: 200, rows: 40))))
        #expect(driver.frame.contains("CREATED"))
        #expect(!driver.frame.contains("‹"))
        driver.press(.right)
        #expect(driver.frame.contains("Every column is on screen."))
    }

    @Test func hiddenColumnsAreNotScrolledTo() {
        let driver = Driver.inside(columns: 60, rows: 24)
        driver.press(.character("c"))
        for _ in 0..<5 { driver.press(.down, .character(" ")) }
        driver.press(.escape)
        #expect(!driver.frame.contains("›"))
        driver.press(.character("l"))
        #expect(driver.frame.contains("Every column is on screen."))
    }

    @Test func whatIsChosenIsKeptForTheNextRun() throws {
        let driver = Driver.inside()
        driver.press(.character("c"), .down, .character(">"), .down, .character(" "), .escape)
        driver.press(.character("s"))
        driver.answerUsers()
        let kept = try #require(
            driver.takeEffects().compactMap { effect -> TablesKept? in
                if case .terminal(.keepTables(let tables)) = effect { tables } else { nil }
            }.last)
        let shown = try #require(kept.lists["users"])
        #expect(shown.hidden == ["STATUS"])
        #expect(shown.widths.keys.sorted() == ["EMAIL"])
        #expect(shown.sort == "email")
        #expect(shown.ascending == true)

        let next = Driver()
        next.state.take(kept)
        next.answerCompanies()
        next.press(.enter)
        next.answerOpening()
        #expect(next.state.context?.usersQuery == UsersQuery(filter: "", sort: .email, ascending: true))
        next.answerUsers()
        #expect(!next.frame.contains("STATUS"))
    }

    @Test func whatIsKeptIsTakenWithinBounds() {
        var kept = TablesKept()
        kept.lists["users"] = TableShown(
            hidden: ["NAME", "ROLE", "SECRET"], widths: ["EMAIL": 100_000, "ROLE": -4, "STATUS": 20],
            sort: "name; DROP TABLE users", ascending: false)
        kept.lists["nonsense"] = TableShown(hidden: ["X"])
        kept.lists["companies"] = TableShown(sort: "users_estimate", ascending: false)
        let driver = Driver()
        driver.state.take(kept)
        #expect(driver.state.lists.tables[.users] == TableShown(hidden: ["ROLE"], widths: ["STATUS": 20]))
        #expect(driver.state.lists.tables.count == 2)
        #expect(driver.state.companies.query == CompaniesQuery(filter: "", sort: .users, ascending: false))
    }

    @Test func aCreatedCompanyThatAFilterHidesIsShown() throws {
        let driver = Driver.admin(columns: 100, rows: 30)
        driver.press(.character("/"))
        driver.type("awe")
        while driver.state.companies.list.pending != nil { driver.answerCompanies([Fixture.companies[0]]) }
        driver.press(.tab, .character("n"))
        driver.type("Zenith")
        driver.press(.enter, .enter, .enter, .character("y"))
        let (request, change) = try driver.takeChange()
        driver.send(.control(.administered(request, change, .success("Zenith is created, url id zenith."))))
        #expect(driver.state.companies.list.filter.isEmpty)
        #expect(driver.frame.contains("Zenith is created, url id zenith. The filter is cleared to show it."))
        // The first page does not have it: the list goes where it stands, and what comes before it is read too.
        driver.answerCompanies(Fixture.companies, hasMore: true)
        #expect(driver.state.companies.list.pending?.place == .from("zenith"))
        driver.answerCompanies([Fixture.company("zenith", "Zenith", "okta", nil)])
        #expect(driver.state.companies.list.selected?.urlID == "zenith")
        #expect(driver.state.companies.list.pending?.place == .before("zenith"))
        driver.answerCompanies(Fixture.companies)
        #expect(driver.state.companies.list.selected?.urlID == "zenith")
        #expect(driver.frame.contains("▌ Zenith"))
        #expect(driver.frame.contains("Sleepy Ltd"))
        #expect(driver.state.companies.wanted == nil)
    }

    @Test func aCreatedCompanyThatIsGoneAgainIsNotLookedForForever() throws {
        let driver = Driver.admin()
        driver.press(.character("n"))
        driver.type("Zenith")
        driver.press(.enter, .enter, .enter, .character("y"))
        let (request, change) = try driver.takeChange()
        driver.send(.control(.administered(request, change, .success("Zenith is created."))))
        driver.answerCompanies()
        driver.answerCompanies()
        #expect(driver.state.companies.list.pending == nil)
        #expect(driver.state.companies.wanted == nil)
    }
}
