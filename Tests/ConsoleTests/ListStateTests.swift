import Tenancy
import Terminal
import Testing

@testable import Console

/// The window onto a keyset-paged list.
struct ListStateTests {
    private typealias List = ListState<Company>

    private func loaded(_ range: Range<Int>, hasMore: Bool = true) -> List {
        var list = List()
        list.accept(Page(rows: Fixture.manyCompanies(range), hasMore: hasMore), at: .start, height: 10)
        return list
    }

    @Test func theSelectionFollowsTheRowNotTheIndex() {
        var list = loaded(0..<50)
        _ = list.move(by: 7, height: 10)
        let inserted = [Fixture.company("aaa", "AAA", "okta", 1)] + Fixture.manyCompanies(0..<50)
        let isGone = list.accept(Page(rows: inserted, hasMore: true), at: .from("company-0"), height: 10)
        #expect(!isGone)
        #expect(list.selected?.urlID == "company-7")
        #expect(list.selectedIndex == 8)
    }

    @Test func aVanishedRowIsToldOfAndTheNextOneSelected() {
        var list = loaded(0..<50)
        _ = list.move(by: 7, height: 10)
        let rest = Fixture.manyCompanies(0..<50).filter { $0.urlID != "company-7" }
        let answer1 = list.accept(Page(rows: rest, hasMore: true), at: .from("company-0"), height: 10)
        #expect(answer1)
        #expect(list.selected?.urlID == "company-8")
    }

    @Test func aSelectionThatLeavesTheWindowComesBackInItsMiddle() {
        var list = loaded(0..<50, hasMore: false)
        _ = list.move(by: 9, height: 10)
        #expect(list.top == 0)
        _ = list.move(by: 1, height: 10)
        #expect(list.top == 5)
        _ = list.move(by: 4, height: 10)
        #expect(list.top == 5)
        _ = list.move(by: -10, height: 10)
        #expect(list.top == 0)
        _ = list.moveToEnd(height: 10)
        #expect(list.top == 40)
    }

    @Test func aRefreshReadsTheRowsOnScreenAndKeepsThePlace() {
        var list = loaded(0..<50)
        _ = list.move(by: 30, height: 10)
        #expect(list.placeOfWindow == .from("company-25"))
        let isGone = list.accept(
            Page(rows: Fixture.manyCompanies(25..<75), hasMore: true), at: .from("company-25"), height: 10)
        #expect(!isGone)
        #expect(list.selected?.urlID == "company-30")
        #expect(list.selectedNumber == 31)
        #expect(list.top == 0)
        #expect(list.hasEarlier)
    }

    @Test func theNextPageIsAskedForBeforeTheEndIsReached() {
        var list = loaded(0..<50)
        let answer2 = list.move(by: 20, height: 10)
        #expect(answer2 == nil)
        let answer3 = list.move(by: 19, height: 10)
        #expect(answer3 == .after("company-49"))
        list.accept(
            Page(rows: Fixture.manyCompanies(50..<100), hasMore: false), at: .after("company-49"), height: 10)
        #expect(list.rows.count == 100)
        let answer4 = list.moveToEnd(height: 10)
        #expect(answer4 == nil)
        #expect(list.selectedNumber == 100)
    }

    @Test func aPageDownAcrossAFetchIsPaidBackWhenThePageArrives() {
        var list = loaded(0..<50)
        _ = list.move(by: 49, height: 10)
        let answer5 = list.move(by: 10, height: 10)
        #expect(answer5 == .after("company-49"))
        list.accept(
            Page(rows: Fixture.manyCompanies(50..<100), hasMore: true), at: .after("company-49"), height: 10)
        #expect(list.selected?.urlID == "company-59")
    }

    @Test func theEndIsReadFromTheEndAndPagedBackwards() {
        var list = loaded(0..<50)
        let answer6 = list.moveToEnd(height: 10)
        #expect(answer6 == .end)
        list.accept(Page(rows: Fixture.manyCompanies(950..<1000), hasMore: true), at: .end, height: 10)
        #expect(list.selected?.urlID == "company-999")
        #expect(list.selectedNumber == nil)
        let answer7 = list.move(by: -45, height: 10)
        #expect(answer7 == .before("company-950"))
        list.accept(
            Page(rows: Fixture.manyCompanies(900..<950), hasMore: true), at: .before("company-950"),
            height: 10)
        #expect(list.selected?.urlID == "company-954")
        let answer8 = list.moveToStart(height: 10)
        #expect(answer8 == .start)
    }

    @Test func theWindowStaysSmallHoweverFarOneGoes() {
        var list = loaded(0..<50)
        for page in 1..<40 {
            let start = page * 50
            _ = list.move(by: 50, height: 10)
            list.accept(
                Page(rows: Fixture.manyCompanies(start..<start + 50), hasMore: true),
                at: .after("company-\(start - 1)"), height: 10)
        }
        #expect(list.rows.count <= List.capacity)
        #expect(list.hasEarlier)
        #expect(list.selectedNumber.map { $0 > 1900 } == true)
        #expect(list.rows.contains { $0.id == list.selectedID })
    }

    @Test func typingAsksOnceAtATimeAndThenForTheLastWord() throws {
        let driver = Driver()
        driver.answerCompanies()
        _ = driver.takeEffects()
        driver.press(.character("/"))
        driver.type("awe")
        let asked = driver.takeEffects().compactMap { effect -> String? in
            if case .control(.loadCompanies(_, let query, _)) = effect { query.filter } else { nil }
        }
        #expect(asked == ["a"])
        driver.answerCompanies()
        let askedThen = driver.takeEffects().compactMap { effect -> String? in
            if case .control(.loadCompanies(_, let query, _)) = effect { query.filter } else { nil }
        }
        #expect(askedThen == ["awe"])
    }
}
