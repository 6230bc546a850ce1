import Tenancy
import Terminal
import Testing

@testable import Console

extension Scene {
    /// What lies over the companies: who is inside, who waits, who may, what happened, what holds.
    static let administration = [
        Scene("contexts", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("C"))
            driver.answerContexts()
            return driver
        },
        Scene("requests", selects: true) { size in
            let driver = Driver.deciding(size)
            driver.press(.character("P"))
            return driver
        },
        Scene("requests-mark", selects: true) { .deciding($0) },
        Scene("operators", selects: true) { .operators($0) },
        Scene("control-trail", selects: true) { .controlTrail($0) },
        Scene("control-record") { size in
            let driver = Driver.controlTrail(size)
            driver.press(.down, .enter)
            return driver
        },
        Scene("migrations", selects: true) { size in
            let driver = Driver.migrations(size)
            driver.press(.down, .down, .down)
            return driver
        },
        Scene("proof-running") { size in
            let driver = Driver.admin(size)
            driver.press(.character("p"))
            let request = try #require(driver.state.proof?.request)
            for stage: Proof.Stage in [.catalog(companies: 1), .probes(count: 60), .step(1), .step(22)] {
                driver.send(.control(.proofAdvanced(request, stage)))
            }
            return driver
        },
        Scene("proof", selects: true) { .proven($0) },
        Scene("proof-fails", selects: true) { .proven($0, failing: 2) },
        Scene("proof-evidence") { size in
            let driver = Driver.proven(size, failing: 2)
            driver.press(.enter)
            return driver
        },
        Scene("proof-inside", selects: true) { size in
            let driver = Driver.inside(columns: size.columns, rows: size.rows, level: .admin)
            driver.press(.character("p"))
            driver.answerProof()
            return driver
        },
    ]
}

extension Driver {
    static func operators(_ size: Size) -> Driver {
        let driver = admin(size)
        driver.press(.character("O"))
        driver.answerOperators()
        _ = driver.takeEffects()
        return driver
    }

    static func controlTrail(_ size: Size) -> Driver {
        let driver = admin(size)
        driver.press(.character("L"))
        driver.answerControlTrail(Fixture.controlTrail(951...1000, hasMore: true))
        _ = driver.takeEffects()
        return driver
    }

    static func proven(_ size: Size, failing: Int = 0) -> Driver {
        let driver = admin(size)
        driver.press(.character("p"))
        driver.answerProof(Fixture.proof(failing: failing))
        _ = driver.takeEffects()
        return driver
    }
}
