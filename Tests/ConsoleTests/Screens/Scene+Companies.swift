import Tenancy
import Terminal
import Testing

@testable import Console

extension Scene {
    /// What is seen before a company is entered.
    static let lists = [
        Scene("connecting") { size in
            .connecting(size)
        },
        Scene("no-link") { size in
            let driver = Driver.connecting(size)
            driver.send(
                .control(.linkFailed(TenancyError(.unreachable, "the server at /run/piste is not there"))))
            return driver
        },
        Scene("companies", selects: true) { .companies($0) },
        Scene(
            "companies-preview", selects: true,
            sizes: [Size(columns: 100, rows: 30), Size(columns: 200, rows: 60)]
        ) { size in
            let driver = Driver.companies(size)
            driver.now += CompanyActivity.rest
            driver.send(.clockTicked)
            let activity = driver.state.companies.activity
            let request = try #require(activity.pending)
            let urlID = try #require(activity.urlID)
            driver.send(.control(.activityLoaded(request, urlID, .success((0..<28).map { ($0 * 5) % 11 }))))
            return driver
        },
        Scene("companies-filter", selects: true) { size in
            let driver = Driver.companies(size)
            driver.press(.character("/"))
            return driver
        },
        Scene("companies-none") { size in
            let driver = Driver(columns: size.columns, rows: size.rows)
            driver.answerCompanies([])
            return driver
        },
        Scene("open-companies", selects: true) { .threeOpen($0) },
        Scene("open-companies-list", selects: true) { size in
            let driver = Driver.threeOpen(size)
            driver.press(.character("0"))
            return driver
        },
        Scene("tour", selects: true) { size in
            let driver = Driver(columns: size.columns, rows: size.rows)
            driver.state.beginTour()
            driver.present()
            driver.answerCompanies()
            for _ in 0..<400 where driver.state.companies.list.filter.text != "aw" {
                driver.now += driver.state.untilNextChange(at: driver.now) ?? 1_000
                driver.send(.clockTicked)
                driver.present()
            }
            while driver.state.companies.list.pending != nil {
                driver.answerCompanies([Fixture.companies[0]])
            }
            return driver
        },
        Scene("too-small", sizes: [Size(columns: 30, rows: 5), Size(columns: 59, rows: 16)]) { size in
            let driver = Driver.inside()
            driver.send(.input(.resize(size)))
            return driver
        },
    ]
}

extension Driver {
    /// The first frame, before any answer.
    static func connecting(_ size: Size) -> Driver {
        let driver = Driver()
        driver.state = ConsoleState(
            size: size, login: "alice", target: "alice@/run/piste/piste", themes: [], theme: "piste")
        driver.state.glyphs = glyphs
        return driver
    }

    /// The list of companies, answered.
    static func companies(_ size: Size) -> Driver {
        let driver = Driver(columns: size.columns, rows: size.rows)
        driver.answerCompanies()
        return driver
    }

    static func inside(_ size: Size) -> Driver { inside(columns: size.columns, rows: size.rows) }

    static func impersonating(_ size: Size) -> Driver {
        impersonating(columns: size.columns, rows: size.rows)
    }

    static func admin(_ size: Size) -> Driver { admin(columns: size.columns, rows: size.rows) }

    /// An impersonation in Awesome Corp, Blau on screen with little time left, and a third that is over.
    static func threeOpen(_ size: Size) -> Driver {
        let driver = impersonating(size)
        driver.press(.character("0"), .home, .down, .down, .enter)
        driver.answerOpening(minutes: 1)
        driver.answerUsers([])
        driver.openBlau(minutes: 4)
        driver.now += 61_000
        driver.send(.clockTicked)
        driver.press(.character("g"))
        return driver
    }
}
