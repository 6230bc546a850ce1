import Tenancy
import Terminal
import Testing

@testable import Console

/// A console that changes nothing, whatever is pressed.
struct ReadOnlyTests {
    private func readOnly(_ driver: Driver) -> Driver {
        driver.state.isReadOnly = true
        return driver
    }

    @Test func theTopBarSaysSo() {
        let driver = readOnly(.inside(columns: 80, rows: 24))
        #expect(driver.frame.split(separator: "\n").first?.contains("READ-ONLY") == true)
    }

    @Test func whatChangesSomethingIsNotOffered() {
        let driver = readOnly(.admin(columns: 200))
        for word in ["create", "administer", "impersonate", "prove"] {
            #expect(!driver.frame.contains(" \(word) "), "\(word)")
        }
        driver.press(.character("?"))
        #expect(!driver.frame.contains("Create a company"))
        driver.press(.escape, .character(":"))
        driver.type("administer")
        #expect(driver.frame.contains("There is no") || !driver.frame.contains("signing key"))
    }

    /// Every key on every screen, twice over, and `y`, Enter and a name typed after it.
    @Test func noKeyChangesAnything() {
        var keys = (UInt8(0x20)...0x7E).map { Key.character(Character(Unicode.Scalar($0))) }
        keys += "abdefghklnoprstuvwxyz".map { Key.control($0) }
        keys += [.enter, .tab, .left, .right, .function(1)]
        for make in screens {
            for key in keys where key != .character("q") {
                let driver = readOnly(make())
                _ = driver.takeEffects()
                driver.press(key)
                driver.press(.character("a"), .enter, .character("y"), .enter)
                driver.type("awesome")
                driver.press(.enter, .character("y"))
                #expect(driver.takeEffects().filter(\.changes) == [], "\(key)")
            }
        }
    }

    @Test func anImpersonationInTheBackgroundIsReadOnlyToo() throws {
        let driver = Driver.impersonating(columns: 80, rows: 24)
        driver.openBlau()
        driver.state.isReadOnly = true
        driver.press(.character("w"))
        #expect(driver.state.isImpersonating)
        _ = driver.takeEffects()
        driver.press(.character("e"), .character("s"), .character("y"), .enter)
        #expect(driver.takeEffects().filter(\.changes) == [])
        #expect(driver.state.overlays.isEmpty)
        driver.press(.character("E"))
        #expect(driver.takeEffects().contains { if case .inside(_, .leave) = $0 { true } else { false } })
    }

    private var screens: [() -> Driver] {
        [
            { .admin() },
            { .inside(level: .admin) },
            {
                let driver = Driver.admin()
                driver.press(.character("O"))
                driver.answerOperators()
                return driver
            },
            {
                let driver = Driver.admin()
                driver.press(.character("P"))
                driver.send(.control(.requestsChanged))
                driver.answerRequests([Fixture.request("1", by: "carol"), Fixture.request("2", by: "bob")])
                return driver
            },
            {
                let driver = Driver.inside(level: .admin)
                driver.press(.character("C"))
                driver.answerContexts()
                return driver
            },
            { .impersonating() },
        ]
    }

    /// Whatever an overlay that was open before asks for, the last gate drops it.
    @Test func theGateDropsWhatSlippedThrough() {
        let driver = Driver.impersonating()
        driver.press(.character("e"), .character("r"))
        driver.state.isReadOnly = true
        driver.press(.character("y"))
        #expect(driver.takeEffects() == [])
        #expect(driver.state.context?.isChanging == false)
        #expect(driver.frame.contains("read-only; nothing was changed"))
    }

    @Test func anImpersonationIsOfferedOnlyWhereItReads() throws {
        let driver = readOnly(.inside())
        driver.press(.character("i"))
        #expect(driver.state.overlays.isEmpty)
        var strict = Fixture.strict
        driver.send(.control(.companyLoaded(strict)))
        driver.press(.character("i"))
        guard case .impersonation = driver.state.overlays.last else {
            Issue.record("no form: \(driver.frame)")
            return
        }
        strict = Fixture.companies[0]
        driver.press(.escape)
        driver.send(.control(.companyLoaded(strict)))
        driver.press(.character("i"))
        #expect(driver.state.overlays.isEmpty)
    }

    @Test func aContextThatMayWriteIsLeftAtOnce() throws {
        let driver = readOnly(.inside())
        driver.send(.control(.companyLoaded(Fixture.strict)))
        _ = driver.state.open(.impersonation(ImpersonationRequest(urlID: "awesome", reason: "why")))
        let id = try #require(driver.state.opening?.id)
        _ = driver.takeEffects()
        // The policy was changed meanwhile.
        driver.answerOpening(minutes: 10, purpose: .impersonation, subject: "ada@awesome.example")
        #expect(driver.takeEffects() == [.inside(id, .leave)])
        #expect(driver.state.context?.open.purpose == .access)
        #expect(driver.frame.contains("read-only"))
    }

    @Test func readingGoesOn() {
        let driver = readOnly(Driver())
        driver.answerCompanies()
        driver.press(.enter)
        driver.answerOpening()
        driver.answerUsers()
        driver.press(.enter)
        driver.answerUser()
        #expect(driver.frame.contains("Ada Lovelace"))
        driver.press(.character("y"), .character("u"))
        #expect(driver.takeEffects().contains(.terminal(.copy("1", what: "the user's id"))))
    }
}
