import Tenancy
import Terminal
import Testing

@testable import Console

/// Marks, what is copied of them, and the columns that are shown.
struct MarkTests {
    @Test func marksFollowTheRowAndNotItsPlace() {
        let driver = Driver.inside()
        driver.press(.character(" "))
        #expect(driver.state.context?.users.marked.map(\.id) == [1])
        #expect(driver.state.context?.users.selected?.id == 2)
        driver.press(.character(" "))
        #expect(driver.frame.contains("2 marked"))
        #expect(driver.frame.contains("● Ada Lovelace") || driver.frame.contains("●Ada Lovelace"))
        driver.press(.character("s"))
        driver.answerUsers(Fixture.users.reversed())
        #expect(driver.state.context?.users.marked.map(\.id) == [1, 2])
        driver.press(.character("g"))
        driver.press(.character(" "))
        #expect(driver.state.context?.users.marked.map(\.id) == [1, 2, 4])
        driver.press(.character("k"), .character(" "))
        #expect(driver.state.context?.users.marked.map(\.id) == [1, 2])
    }

    @Test func escClearsMarksBeforeTheFilter() {
        let driver = Driver.inside()
        driver.press(.character("/"))
        driver.type("a")
        driver.answerUsers()
        driver.press(.tab, .character(" "), .escape)
        #expect(driver.state.context?.users.marked == [])
        #expect(driver.state.context?.users.filter.text == "a")
        driver.press(.escape)
        #expect(driver.state.context?.users.filter.text == "")
        #expect(driver.state.context != nil)
    }

    @Test func companiesAreMarkedToo() {
        let driver = Driver()
        driver.answerCompanies()
        driver.press(.character(" "), .character(" "))
        #expect(driver.frame.contains("Companies · 2 marked"))
        driver.press(.character("y"), .character("m"))
        let copied = driver.takeEffects().last
        guard case .terminal(.copy(let text, "2 marked rows")) = copied else {
            Issue.record("\(String(describing: copied))")
            return
        }
        #expect(text.split(separator: "\n").map { $0.split(separator: "\t")[1] } == ["awesome", "blau"])
        driver.press(.escape)
        #expect(driver.state.companies.list.marked == [])
    }

    @Test func marksEndWithTheContext() throws {
        let driver = Driver.inside()
        driver.press(.character(" "))
        let id = try #require(driver.state.context?.id)
        driver.send(.inside(id, .ended(TenancyError(.contextEnded, "ended"))))
        #expect(driver.state.context?.users.marked == [])
        driver.press(.enter)
        driver.answerOpening()
        driver.answerUsers()
        #expect(driver.state.context?.users.marked == [])
    }

    @Test func aCellARowAndTheMarkedRowsAreCopied() {
        let driver = Driver.inside()
        driver.press(.character("y"), .character("s"), .character("y"), .character("r"))
        driver.press(.character("G"), .character(" "), .character("y"), .enter)
        let copied = driver.takeEffects().compactMap { effect -> String? in
            if case .terminal(.copy(let text, _)) = effect { text } else { nil }
        }
        #expect(copied.count == 3)
        #expect(copied.first == "active")
        #expect(
            copied.dropFirst().first?.hasPrefix("1\tAda Lovelace\tada@awesome.example\tadmin\tactive") == true
        )
        // A hostile name is one cell of one line, with nothing in it that a terminal would obey.
        #expect(copied.last?.hasPrefix("4\tZoë ␛]0;pwned␇ van der Berg\t") == true)
        #expect(copied.last?.unicodeScalars.contains("\u{1B}") == false)
    }

    @Test func journeysAreMarkedAndCopied() {
        let driver = Driver.inside()
        driver.press(.character("3"))
        driver.answerJourneys()
        driver.press(.character(" "), .character(" "), .character("y"), .character("m"))
        guard case .terminal(.copy(let text, _)) = driver.takeEffects().last else {
            Issue.record("nothing is copied")
            return
        }
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.hasPrefix("11\t1\tAda Lovelace\tOnboarding\tstalled\t3\t5\tinvite team\t"))
    }

    @Test func columnsAreHiddenForTheRunAndTheFirstOneNever() {
        let driver = Driver.inside(columns: 200, rows: 40)
        #expect(driver.frame.contains("EMAIL"))
        driver.press(.character("c"), .character(" "))
        #expect(driver.frame.contains("The first column always stands"))
        driver.press(.down, .character(" "), .escape)
        #expect(!driver.frame.contains("EMAIL"))
        #expect(driver.frame.contains("NAME"))
        driver.press(.escape, .enter)
        driver.answerOpening()
        driver.answerUsers()
        #expect(!driver.frame.contains("EMAIL"))
        driver.press(.character("c"), .down, .character(" "), .escape)
        #expect(driver.frame.contains("EMAIL"))
    }
}
