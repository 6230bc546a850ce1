import Foundation
import TestSupport
import Testing

/// Every driver, directly and through PgBouncer: two companies on one pool, and every misuse an error.
@Suite(.serialized)
struct DriverTests {
    /// A driver, and what is between it and the server.
    struct Way: Sendable, CustomTestStringConvertible {
        enum Pooler: String, CaseIterable { case none, transaction, session }

        let driver: Driver
        let pooler: Pooler

        var testDescription: String {
            pooler == .none ? "\(driver)" : "\(driver) through PgBouncer, \(pooler)"
        }

        /// Those that can be tried here.
        static let all = Pooler.allCases.flatMap { pooler in
            Driver.allCases.filter { $0.isInstalled && (pooler == .none || Driver.pgbouncer != nil) }.map {
                Way(driver: $0, pooler: pooler)
            }
        }
    }

    private struct Outcome: Decodable {
        var counts: [String: Int]
        var states: [String: Int]
    }

    /// Requests of all ways together: 12,000, or as many as `PISTE_TEST_REQUESTS` says.
    private static let requests =
        ProcessInfo.processInfo.environment["PISTE_TEST_REQUESTS"].flatMap { Int($0) } ?? 12_000

    @Test(arguments: Way.all)
    func twoCompaniesOnOnePool(way: Way) async throws {
        try await ServiceWorld.run { world in
            let own = Self.requests / max(1, Way.all.count) / 120 * 120
            var command = way.driver.interpreter + [way.driver.load, "\(own)"]
            if way.pooler != .none, let pgbouncer = Driver.pgbouncer {
                command =
                    Driver.psycopg.interpreter
                    + ["\(Driver.folder)/through_pgbouncer.py", pgbouncer, way.pooler.rawValue] + command
            }
            var variables = world.variables(world.till)
            if way.pooler == .none { variables["NAMED_STATEMENTS"] = "1" }
            let run = try await Driver.run(command, environment: variables)
            try #require(run.status == 0, "\(run.errors)")
            let outcome = try JSONDecoder().decode(Outcome.self, from: Data(run.output.utf8))
            let counts = outcome.counts
            #expect(counts["requests"] == own)
            #expect(counts["wrong"] == 0)
            #expect(counts["empty"] == 0)
            #expect(counts["silent"] == 0, "every misuse is an error")
            // Of a busy machine; never a habit.
            #expect(counts["again"] ?? 0 <= own / 20, "\(counts)")
            #expect(counts["rows"] == own / 20 * 14 * ServiceWorld.users)
            #expect(outcome.states == ["42P01": own / 20, "PT409": own / 10, "PT410": own / 20])
            // One record for each ticket, whatever became of it; and what was written is on record too.
            let home = "(SELECT id FROM piste.company WHERE url_id IN ('acme', 'globex') AND id = e.company)"
            #expect(
                try await world.number(
                    """
                    SELECT count(*) FROM piste.entry e WHERE company = \(home)
                        AND action = 'users.update' AND context IS NOT NULL AND actor = '\(world.till)'
                    """) == own / 20)
            // Nothing of the requests that crashed is there, and no session is in a company.
            for company in ["acme", "globex"] {
                #expect(
                    try await world.number(
                        "SELECT count(*) FROM \(try await world.home(company)).users WHERE locale = 'xx'")
                        == 0)
            }
            #expect(try await world.number("SELECT count(*) FROM piste.lease") == 2)
        }
    }

    /// What cannot be tried here is named, in one line each.
    @Test(arguments: Driver.allCases)
    func isInstalled(driver: Driver) {
        withKnownIssue("\(driver) is not installed here", isIntermittent: true) {
            #expect(driver.isInstalled)
        } when: {
            !driver.isInstalled
        }
    }
}
