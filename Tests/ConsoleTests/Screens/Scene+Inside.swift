import Terminal
import Testing

@testable import Console

extension Scene {
    /// The screens of a company.
    static let insideACompany = [
        Scene("overview") { size in
            let driver = Driver.inside(size)
            driver.press(.character("1"))
            driver.answerOverview()
            return driver
        },
        Scene("users", selects: true) { .inside($0) },
        Scene("users-marked", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character(" "), .character(" "))
            return driver
        },
        Scene("users-bad-expression", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("/"))
            driver.type("/ada[")
            while driver.state.context?.users.pending != nil { driver.answerUsers() }
            return driver
        },
        Scene("users-scrolled", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("l"), .character("l"))
            return driver
        },
        Scene("users-none") { size in
            let driver = Driver(columns: size.columns, rows: size.rows)
            driver.answerCompanies()
            driver.press(.enter)
            driver.answerOpening()
            driver.answerUsers([])
            driver.answerAudit([])
            return driver
        },
        Scene("users-read-only", selects: true) { size in
            let driver = Driver.inside(size)
            driver.state.isReadOnly = true
            return driver
        },
        Scene("user", selects: true) { .onUser($0) },
        Scene("user-impersonating", selects: true) { .impersonating($0) },
        Scene("user-impersonating-last-minute", selects: true) { size in
            let driver = Driver.impersonating(size)
            driver.now += 9 * 60_000 + 17_000
            driver.send(.clockTicked)
            return driver
        },
        Scene("users-impersonating", selects: true) { size in
            let driver = Driver.impersonating(size)
            driver.press(.character("2"))
            driver.answerUsers()
            return driver
        },
        Scene("journeys", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("3"))
            driver.answerJourneys()
            return driver
        },
        Scene("journey", selects: true) { .onJourney($0) },
        Scene("tables", selects: true) { .onTables($0) },
        Scene("rows", selects: true) { .onRows($0) },
        Scene("row", selects: true) { .onRow($0) },
        Scene("row-pointers", selects: true) { size in
            let driver = Driver.onRow(size)
            driver.press(.character("b"))
            return driver
        },
        Scene("audit", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("A"))
            driver.answerTrail()
            return driver
        },
        Scene("audit-impersonating", selects: true) { size in
            let driver = Driver.impersonating(size)
            driver.press(.character("A"))
            driver.answerTrail()
            return driver
        },
        Scene("audit-record") { size in
            let driver = Driver.inside(size)
            driver.goToTrail()
            driver.press(.enter)
            return driver
        },
        Scene("context-ended") { size in
            let driver = Driver.inside(size)
            driver.now += 30 * 60 * 1000
            driver.send(.clockTicked)
            return driver
        },
        Scene("impersonation-ended") { size in
            let driver = Driver.impersonating(size)
            driver.now += 10 * 60 * 1000
            driver.send(.clockTicked)
            return driver
        },
        Scene("locked") { size in
            let driver = Driver.impersonating(size)
            driver.state.idleLock.limit = 60_000
            driver.state.idleLock.lastTouch = driver.now
            driver.now += 60_000
            driver.send(.clockTicked)
            return driver
        },
    ]
}

extension Driver {
    /// Ada's screen, in a plain context.
    static func onUser(_ size: Size) -> Driver {
        let driver = inside(size)
        driver.press(.enter)
        driver.answerUser()
        _ = driver.takeEffects()
        return driver
    }

    /// Ada's stalled journey.
    static func onJourney(_ size: Size) -> Driver {
        let driver = onUser(size)
        driver.press(.enter)
        driver.answerJourney()
        _ = driver.takeEffects()
        return driver
    }
}
