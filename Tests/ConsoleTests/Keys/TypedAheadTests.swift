import Tenancy
import Terminal
import Testing

@testable import Console

/// Keys that come faster than the answers of the database.
struct TypedAheadTests {
    @Test func enterBeforeTheFilteredRowsWaitsForThemAndOpensTheRightOne() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.type("bl")
        driver.press(.enter)
        #expect(driver.state.opening == nil)
        // The answer to "b", sent before "l" was typed: its first row is not the one that is meant.
        driver.answerCompanies(Fixture.companies)
        #expect(driver.state.opening == nil)
        #expect(driver.state.companies.list.selected == nil)
        driver.answerCompanies([Fixture.companies[1]])
        #expect(driver.state.opening?.intent == .access(urlID: Fixture.companies[1].urlID))
    }

    @Test func enterBeforeTheFilteredUsersOpensThatUser() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("gr")
        driver.answerUsers(Fixture.users)
        driver.press(.enter)
        #expect(driver.state.context?.path.isEmpty == true)
        driver.answerUsers([Fixture.users[1]])
        guard let user = driver.state.context?.user else {
            Issue.record("no user was opened")
            return
        }
        #expect(user.id == Fixture.users[1].id)
    }

    @Test func anyOtherKeyTakesTheWishBack() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.type("b")
        driver.press(.enter)
        driver.press(.character("?"))
        driver.press(.escape)
        driver.answerCompanies([Fixture.companies[1]])
        #expect(driver.state.opening == nil)
        #expect(driver.state.companies.list.selected == Fixture.companies[1])
    }

    @Test func aRowChosenByHandIsOpenedWhateverIsOnItsWay() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.type("b")
        driver.press(.down)
        let chosen = driver.state.companies.list.selected
        driver.press(.enter)
        #expect(chosen != nil)
        #expect(driver.state.opening?.intent == chosen.map { .access(urlID: $0.urlID) })
    }

    @Test func aFilterThatFindsNothingSaysSo() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character("/"))
        driver.type("z")
        driver.press(.enter)
        driver.answerCompanies([])
        #expect(driver.state.opening == nil)
        #expect(driver.frame.contains("No row is selected here."))
    }

    @Test func aPageOfTheOldFilterIsNeverAskedForInsteadOfTheNewRows() {
        let driver = Driver()
        driver.answerCompanies(Fixture.manyCompanies(0..<50), hasMore: true)
        _ = driver.takeEffects()
        driver.press(.character("/"))
        driver.type("co")
        driver.press(.pageDown, .pageDown, .pageDown)
        _ = driver.takeEffects()
        driver.answerCompanies(Fixture.manyCompanies(0..<50), hasMore: true)
        #expect(driver.state.companies.list.pending?.place == .start)
    }
}
