import FoundationEssentials
import LocalCluster
import TestSupport
import Testing

/// Behind PgBouncer: session mode works as without it; the modes that share a backend leak nothing.
@Suite(
    .enabled(if: Script.python != nil, "needs psycopg2 (Debian's python3-psycopg2)"),
    .enabled(if: Script.pgbouncer != nil, "needs PgBouncer (Debian's pgbouncer)"),
)
struct PgBouncerTests {
    private struct Result: Decodable {
        var entered: Bool
        var ownRows, ownPreparedRows, ownRowsAfterwards: Int
        var nameless, named: [String: String]
        var oneMessage: Int?
        var interleaved: [String: Int]

        enum CodingKeys: String, CodingKey {
            case entered, nameless, named, interleaved
            case ownRows = "own rows"
            case ownPreparedRows = "own prepared rows"
            case ownRowsAfterwards = "own rows afterwards"
            case oneMessage = "one message"
        }
    }

    private static let rounds = 120

    private func run(_ mode: String, in world: ServiceWorld) async throws -> Result {
        let run = try await Script.run(
            "bouncer.py",
            [
                Script.pgbouncer ?? "", world.database.cluster.socketDirectory, world.database.name,
                world.shop, mode, "\(Self.rounds)",
            ])
        try #require(run.status == 0, Comment(rawValue: run.errors))
        return try JSONDecoder().decode(Result.self, from: Data(run.output.utf8))
    }

    @Test func worksInSessionModeAsWithoutIt() async throws {
        try await ServiceWorld.run { world in
            let result = try await run("session", in: world)
            #expect(result.entered)
            #expect(result.ownRows == ServiceWorld.users)
            #expect(result.ownPreparedRows == ServiceWorld.users)
            #expect(result.ownRowsAfterwards == ServiceWorld.users)
            // The others have sessions of their own, which are nowhere.
            for answers in [result.nameless, result.named] {
                #expect(answers["reads"] == "42P01")
                #expect(answers["declares"] == "PT401")
                #expect(answers["changes"] == "42P01")
            }
            let everyRow = 2 * Self.rounds * ServiceWorld.users
            #expect(result.interleaved == ["own": everyRow, "foreign": 0, "refused": 0, "empty": 0])
        }
    }

    @Test(arguments: ["transaction", "statement"])
    func leaksNothingWhereClientsShareABackend(mode: String) async throws {
        try await ServiceWorld.run { world in
            let result = try await run(mode, in: world)
            // The same statements do read for the client that entered: the probe is not broken.
            #expect(result.entered)
            #expect(result.ownRows == ServiceWorld.users)
            #expect(result.ownPreparedRows == ServiceWorld.users)
            #expect(result.ownRowsAfterwards == ServiceWorld.users)
            // On the very same backend, in the role and the path that the first one left there.
            for answers in [result.nameless, result.named] {
                #expect(answers.count == 11)
                for (probe, answer) in answers where answer != "0" {
                    #expect(["PT410", "42501"].contains(answer), "\(probe): \(answer)")
                }
                #expect(answers["declares"] == "PT410")
                #expect(answers["reads after declaring"] == "0")
                #expect(answers["inserts"] == "42501")
            }
            #expect(result.interleaved["foreign"] == 0)
            #expect(result.interleaved["own"] ?? 0 > 0)
            if mode == "transaction" { #expect(result.oneMessage == ServiceWorld.users) }
            // Nothing was changed, and nobody's record says so.
            for company in ["acme", "globex"] {
                let home = try await world.home(company)
                #expect(
                    try await world.number(
                        "SELECT count(*) FROM \(home).users WHERE email LIKE '%@\(company).example' AND locale = 'en'"
                    )
                        == ServiceWorld.users)
                #expect(try await world.number("SELECT count(*) FROM \(home).users") == ServiceWorld.users)
            }
        }
    }
}
