import Tenancy
import Testing

@testable import Console

/// A company that was adopted has the tables of its application, and no others.
struct AdoptedCompanyTests {
    private func open(isAdopted: Bool) -> ContextState {
        let plain = Fixture.context("awesome", minutes: 30, purpose: .access, subject: nil)
        return ContextState(
            id: ContextID(number: 1),
            open: OpenContext(
                jti: plain.jti, urlID: plain.urlID, companyName: plain.companyName,
                operatorName: plain.operatorName, purpose: plain.purpose, access: plain.access, subject: nil,
                expiresAt: plain.expiresAt, serverTime: plain.serverTime, isAdopted: isAdopted), now: 0)
    }

    @Test("Its tabs are tables and audit, and it begins with the tables")
    func hasItsOwnTabs() {
        #expect(open(isAdopted: true).tabs == [.tables, .audit])
        #expect(open(isAdopted: true).tab == .tables)
        #expect(open(isAdopted: false).tabs == ContextState.Tab.allCases)
        #expect(open(isAdopted: false).tab == .users)
    }
}
