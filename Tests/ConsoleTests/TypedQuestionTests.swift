import Tenancy
import Terminal
import Testing

@testable import Console

/// What is typed into a filter reaches the server as few questions, each of which is a record.
struct TypedQuestionTests {
    private func searches(_ driver: Driver) -> [String] {
        driver.takeEffects().compactMap {
            if case .inside(_, .loadUsers(_, let query, _)) = $0 { query.filter } else { nil }
        }
    }

    /// Types letters that follow each other within the pause.
    private func typeFast(_ text: String, _ driver: Driver) {
        for character in text {
            driver.press(.character(character))
            driver.now += TypedQuestion.pause / 3
        }
    }

    @Test func theFirstLetterIsAskedAboutAtOnceAndTheOthersTogether() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        typeFast("a", driver)
        #expect(searches(driver) == ["a"])
        driver.answerUsers()
        typeFast("da@", driver)
        #expect(searches(driver) == [])
        driver.now += driver.state.untilNextChange(at: driver.now) ?? 0
        driver.send(.clockTicked)
        driver.now += TypedQuestion.pause
        driver.send(.clockTicked)
        #expect(searches(driver) == ["ada@"])
        driver.answerUsers()
        driver.send(.clockTicked)
        #expect(searches(driver) == [], "it is asked once")
    }

    @Test(arguments: [Key.enter, .tab, .escape])
    func leavingTheLineAsksAtOnce(key: Key) {
        let driver = Driver.inside()
        driver.press(.character("/"))
        typeFast("ada", driver)
        driver.answerUsers()
        _ = searches(driver)
        driver.press(key)
        #expect(searches(driver) == [key == .escape ? "" : "ada"])
    }

    @Test func anotherCompanyIsNotAskedAboutIt() throws {
        let driver = Driver.two()
        driver.press(.character("/"))
        typeFast("cla", driver)
        driver.answerUsers(Fixture.blauUsers)
        _ = driver.takeEffects()
        driver.press(.alt("1"))
        #expect(driver.state.context?.urlID == "awesome")
        #expect(searches(driver) == [])
        driver.press(.alt("2"))
        #expect(searches(driver) == ["cla"])
    }

    @Test func aFilterBeginsEmptyAndUpBringsTheLastOneBack() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("ada")
        while driver.state.context?.users.pending != nil { driver.answerUsers([Fixture.users[0]]) }
        driver.press(.tab)
        _ = driver.takeEffects()
        driver.press(.character("/"))
        #expect(driver.state.context?.users.filter.text == "")
        #expect(searches(driver) == [], "whoever types does not want all of them first")
        driver.press(.up)
        #expect(driver.state.context?.users.filter.text == "ada")
        #expect(searches(driver) == ["ada"])
    }

    @Test func anEmptyFilterThatIsLeftShowsTheWholeList() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("ada")
        while driver.state.context?.users.pending != nil { driver.answerUsers([Fixture.users[0]]) }
        driver.press(.tab, .character("/"))
        _ = driver.takeEffects()
        driver.press(.tab)
        #expect(searches(driver) == [""])
    }
}
