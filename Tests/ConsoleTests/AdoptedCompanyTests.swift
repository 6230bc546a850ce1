import Tenancy
import Testing

@testable import Console

/// A company that was adopted has the tables of its application, and no others.
struct AdoptedCompanyTests {
    private func open(isAdopted: Bool, _ played: PlayedTables? = nil) -> ContextState {
        let plain = Fixture.context("awesome", minutes: 30, purpose: .access, subject: nil)
        return ContextState(
            id: ContextID(number: 1),
            open: OpenContext(
                jti: plain.jti, urlID: plain.urlID, companyName: plain.companyName,
                operatorName: plain.operatorName, purpose: plain.purpose, access: plain.access, subject: nil,
                expiresAt: plain.expiresAt, serverTime: plain.serverTime, isAdopted: isAdopted,
                played: played), now: 0)
    }

    @Test("Its tabs are overview, tables and audit, and it begins with the tables")
    func hasItsOwnTabs() {
        #expect(open(isAdopted: true).tabs == [.overview, .tables, .audit])
        #expect(open(isAdopted: true).tab == .tables)
        #expect(open(isAdopted: false).tabs == ContextState.Tab.allCases)
        #expect(open(isAdopted: false).tab == .users)
    }

    @Test("A table that plays users or journeys is their tab; where none does there is no such tab")
    func showsWhatItsMapNames() throws {
        let tables = ["auth_user", "trip"].map {
            TenantTable($0, [TableColumn("id", "integer", .number)], key: ["id"])
        }
        let both = open(
            isAdopted: true, PlayedTables(tables, users: ["table": "auth_user"], journeys: ["table": "trip"]))
        #expect(both.tabs == [.overview, .users, .journeys, .tables, .audit])
        #expect(both.tab == .users)
        #expect(try #require(both[.users].screen as? RowsScreen).table.name == "auth_user")
        #expect(try #require(both[.journeys].screen as? RowsScreen).table.name == "trip")
        let one = open(
            isAdopted: true, PlayedTables(tables, users: ["table": "gone"], journeys: ["table": "trip"]))
        #expect(one.tabs == [.overview, .journeys, .tables, .audit])
        #expect(one.tab == .tables)
        var ended = both
        ended.wipe(why: "over", at: 1)
        #expect(ended[.users].screen is RowsScreen)
    }
}
