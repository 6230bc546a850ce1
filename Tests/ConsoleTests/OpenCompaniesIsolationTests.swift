import FoundationEssentials
import Tenancy
import Terminal
import Testing

@testable import Console

/// Two companies open: no frame ever shows a row of the one that is not on screen.
struct OpenCompaniesIsolationTests {
    /// Every word that only Awesome Corp's rows have.
    static let awesome = ["Ada Lovelace", "ada@awesome.example", "Grace Hopper", "invite team"]

    private func expectNothingOfAwesome(
        _ driver: Driver, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let frame = driver.frame
        for word in Self.awesome {
            #expect(!frame.contains(word), "\(word) is on screen", sourceLocation: sourceLocation)
        }
    }

    @Test func aLateAnswerGoesToItsOwnListsAndNotToTheScreen() throws {
        let driver = Driver.inside()
        driver.press(.character("r"))
        let id = try driver.company(1).context.id
        let pending = try #require(driver.state.context?.users.pending)
        driver.openBlau()
        let late = Fixture.user(9, "Ada Lovelace", "ada@awesome.example", .active)
        driver.send(
            .inside(
                id, .usersLoaded(pending.request, pending.place, .success(Page(rows: [late], hasMore: false)))
            ))
        expectNothingOfAwesome(driver)
        #expect(driver.state.context?.users.rows == Fixture.blauUsers)
        #expect(try driver.company(1).context.users.rows == [late])
        driver.press(.character("w"))
        #expect(driver.frame.contains("Ada Lovelace"))
        #expect(!driver.frame.contains("Bernd Blau"))
    }

    /// Both companies count their requests alike for the server; the context alone decides whose answer it is.
    @Test func anAnswerWithTheOtherCompanysNumbersIsDropped() throws {
        let driver = Driver.two()
        driver.press(.character("r"))
        let first = try driver.company(1).context.id
        let pending = try #require(driver.state.context?.users.pending)
        driver.send(
            .inside(
                first,
                .usersLoaded(
                    pending.request, pending.place,
                    .success(Page(rows: Fixture.users, hasMore: false)))))
        expectNothingOfAwesome(driver)
        #expect(driver.state.context?.users.pending == pending)
    }

    @Test func everyKindOfAnswerStaysAside() throws {
        let driver = Driver.inside()
        driver.press(.enter)
        let id = try driver.company(1).context.id
        guard let user = driver.state.context?.user else {
            Issue.record("no user is open")
            return
        }
        let request = try #require(user.pending)
        driver.openBlau()
        let frame = driver.frame
        driver.send(.inside(id, .userLoaded(request, .success(Fixture.ada))))
        driver.send(.inside(id, .usersCounted(Count(4711, isExact: true))))
        driver.send(.inside(id, .auditGrew(9_000)))
        driver.send(
            .inside(
                id, .valuesLoaded(Fixture.entry(6), .success(#"{"new": {"email": "ada@awesome.example"}}"#))))
        driver.send(.inside(id, .tokenShown("ada@awesome.example")))
        driver.send(.inside(id, .exportProgressed(request, rows: 4711)))
        driver.send(.inside(id, .auditUnwatched))
        #expect(driver.frame == frame)
        #expect(try driver.company(1).context.audit.newest == 9_000)
        #expect(try driver.company(1).context.audit.values[Fixture.entry(6)] != nil)
        _ = driver.takeEffects()
        driver.press(.character("w"))
        #expect(driver.state.scope == .user)
        #expect(driver.frame.contains("ada@awesome.example"))
        #expect(
            driver.takeEffects().contains { if case .inside(id, .loadAudit(_)) = $0 { true } else { false } })
    }

    @Test func whatIsSaidOfACompanyElsewhereNamesNoRow() throws {
        let driver = Driver.inside()
        let id = try driver.company(1).context.id
        driver.openBlau()
        driver.send(.inside(id, .changed("Ada Lovelace is suspended.", .success(true))))
        expectNothingOfAwesome(driver)
        #expect(driver.frame.contains("1 Awesome Corp: the change is made."))
        driver.press(.character("w"))
        #expect(driver.frame.contains("Ada Lovelace is suspended."))
    }

    @Test func aCompanyThatExpiresElsewhereIsWipedThere() throws {
        let driver = Driver.two()
        driver.press(.character("w"))
        // Blau has 20 minutes, Awesome Corp 30.
        let blau = try driver.company(2).context.id
        driver.now += 20 * 60 * 1000
        driver.send(.clockTicked)
        #expect(driver.takeEffects() == [.inside(blau, .leave), .control(.sweep)])
        #expect(driver.state.context?.ended == nil)
        #expect(driver.frame.contains("2 Blau & Söhne GmbH: its context has ended."))
        #expect(driver.frame.contains("ended"))
        #expect(try driver.company(2).context.users.rows.isEmpty)
        driver.press(.character("w"))
        #expect(driver.frame.contains("The context for Blau & Söhne GmbH has ended."))
        #expect(!driver.frame.contains("Bernd Blau"))
        expectNothingOfAwesome(driver)
        driver.press(.enter)
        #expect(driver.state.opening?.intent == .access(urlID: "blau"))
        driver.answerOpening()
        #expect(driver.state.number == 2)
        #expect(driver.state.openCompanies.count == 2)
    }

    @Test func theWakeUpIsOnTimeForTheOneThatIsNotOnScreen() throws {
        let driver = Driver.inside()
        driver.now += 250
        driver.openBlau(minutes: 1)
        driver.press(.character("w"))
        let left = try driver.company(2).context.millisecondsLeft(at: driver.now)
        #expect(driver.state.untilNextChange(at: driver.now + left - 100) == 100)
    }

    @Test func anInterruptionElsewhereIsResumedThereAndReadWhenLookedAt() throws {
        let driver = Driver.two()
        driver.press(.character("w"))
        let blau = try driver.company(2).context.id
        driver.send(.inside(blau, .interrupted))
        #expect(driver.takeEffects() == [.inside(blau, .resume(after: Backoff.delay(attempt: 1)))])
        #expect(!driver.frame.contains("reconnecting"))
        #expect(driver.frame.contains("2 Blau & Söhne GmbH retry"))
        driver.send(
            .inside(blau, .resumed(Fixture.context("blau", minutes: 12, purpose: .access, subject: nil))))
        #expect(driver.takeEffects().isEmpty)
        #expect(driver.frame.contains("2 Blau & Söhne GmbH 12:00"))
        driver.press(.character("w"))
        #expect(
            driver.takeEffects().contains {
                if case .inside(blau, .loadUsers(_, _, _)) = $0 { true } else { false }
            })
        #expect(driver.frame.contains("Bernd Blau"))
        expectNothingOfAwesome(driver)
    }

    @Test func aRefusalElsewhereEndsThatOneAlone() throws {
        let driver = Driver.two()
        driver.press(.character("w"))
        let blau = try driver.company(2).context.id
        driver.send(.inside(blau, .interrupted))
        driver.send(
            .inside(
                blau, .ended(TenancyError(.refused, "token_revoked: bob ended this context: wrong ticket")))
        )
        #expect(driver.frame.contains("2 Blau & Söhne GmbH: its context has ended."))
        #expect(!driver.frame.contains("wrong ticket"))
        #expect(driver.frame.contains("Ada Lovelace"))
        driver.press(.character("w"))
        #expect(driver.frame.contains("wrong ticket"))
    }

    @Test func whatLiesOverACompanyDoesNotFollowToAnother() {
        let driver = Driver.inside()
        driver.press(.enter)
        driver.answerUser()
        driver.openBlau()
        driver.press(.character("w"))
        driver.press(.character("y"))
        #expect(driver.frame.contains("ada@awesome.example"))
        driver.press(.character(":"))
        driver.press(.escape)
        driver.press(.character("y"), .escape, .character("w"))
        expectNothingOfAwesome(driver)
    }

    /// Answers, ends and losses of both, in every order: whatever is on screen belongs to the company in the top bar.
    @Test(arguments: 0..<8)
    func noFrameMixesTwoCompanies(seed: Int) throws {
        var dice = Dice(seed: UInt64(seed))
        let driver = Driver.two()
        var waiting: [Action] = []
        for _ in 0..<120 {
            switch dice.roll(9) {
            case 0, 1: driver.press(.character("w"))
            case 2: driver.press(.character("r"))
            case 3: driver.press(.enter)
            case 4: driver.press(.character(dice.roll(3) == 0 ? "4" : "2"))
            case 5:
                let company = try driver.company(1 + dice.roll(2))
                if company.context.ended == nil { driver.send(.inside(company.context.id, .interrupted)) }
            case 6: driver.now += 20_000
            default:
                guard !waiting.isEmpty else { break }
                driver.send(waiting.remove(at: dice.roll(waiting.count)))
            }
            waiting += answers(driver)
            if driver.state.context?.urlID == "awesome" {
                let frame = driver.frame
                #expect(!frame.contains("Bernd") && !frame.contains("clara@blau"))
            } else {
                expectNothingOfAwesome(driver)
            }
        }
    }

    /// What the server would say to everything that was asked, to be sent in any order.
    private func answers(_ driver: Driver) -> [Action] {
        let open = driver.state.openCompanies
        func isAwesome(_ id: ContextID) -> Bool { open.first { $0.holds(id) }?.urlID == "awesome" }
        return driver.takeEffects().compactMap { effect in
            switch effect {
            case .inside(let id, .loadUsers(let request, _, let page)):
                let rows = isAwesome(id) ? Fixture.users : Fixture.blauUsers
                return .inside(
                    id, .usersLoaded(request, page.place, .success(Page(rows: rows, hasMore: false))))
            case .inside(let id, .loadUser(let request, let user)):
                let blau = UserDetail(user: Fixture.blauUsers[0], journeys: [], steps: [])
                return .inside(
                    id, .userLoaded(request, .success(isAwesome(id) ? Fixture.ada : user == 1 ? blau : nil)))
            case .inside(let id, .loadAudit(let request)):
                return .inside(id, .auditLoaded(request, .success([])))
            case .inside(let id, .loadTrail(let request, _, let page)):
                let records = isAwesome(id) ? Fixture.trail : []
                return .inside(
                    id, .trailLoaded(request, page.place, .success(Page(rows: records, hasMore: false))))
            case .inside(let id, .resume(_)):
                let urlID = isAwesome(id) ? "awesome" : "blau"
                return .inside(
                    id, .resumed(Fixture.context(urlID, minutes: 10, purpose: .access, subject: nil)))
            case .inside(let id, .open(let intent)):
                return .inside(
                    id,
                    .opened(Fixture.context(intent.urlID, minutes: 5, purpose: .access, subject: nil), intent)
                )
            default: return nil
            }
        }
    }

    /// Numbers that are the same with each run.
    private struct Dice {
        private var state: UInt64

        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

        mutating func roll(_ sides: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(sides))
        }
    }
}
