import Postgres
import Synchronization
import TestSupport
import Testing

/// Who rotates, issues and enters at the same moment takes turns: an older token is never alive after the rotation.
struct KeyRaceTests {
    @Test func parallelRotationsLeaveOneKey() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let rotated = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let bob = try await world.connect(world.bob)
                        // The one that holds the trail may be ended by another that has waited long enough.
                        let kid = try? await bob.value("SELECT kid FROM piste.rotate_signing_key('acme')")
                        await bob.close()
                        return kid
                    }
                }
                return try await group.reduce(into: [String]()) { if let kid = $1 { $0.append(kid) } }
            }
            #expect(rotated.count >= 1 && Set(rotated).count == rotated.count)
            let keys = try await world.keys("acme")
            #expect(rotated.contains(keys.current), "exactly one, and it is one of those that were told")
            #expect(keys.retired == rotated.count)
            #expect(try await world.secrets("acme") == 1)
            #expect(try await world.records("key.rotate", in: world.acme) == rotated.count)
            #expect(try await alice.enter(token) == "token_old_key")
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            try await world.expectReading(alice)
            await alice.close()
        }
    }

    @Test func whoEntersMeanwhileWithAnEndingTokenIsRefused() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme").text
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            let entering = Task { try await alice.enter(token) }
            #expect(try await world.waits(alice))
            try await bob.query("COMMIT")
            // It had verified the signature before, with the key that was good then.
            #expect(try await entering.value == "token_ended")
            #expect(try await world.memberships(world.alice) == 0)
            #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test func whoEntersMeanwhileIsOutWithTheChange() async throws {
        try await EngineWorld.underAttack { world in
            var alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            // She waits for nobody: the key that she finds is still the committed one.
            let token = try await alice.token("acme").text
            #expect(try await alice.enter(token) == nil)
            try await world.expectReading(alice)
            try await alice.declare()
            let open = "SELECT count(*) FROM piste.contexts() WHERE operator = $1"
            let watcher = try await world.connect(world.bob)
            #expect(try await watcher.number(open, [.text(world.alice)]) == 1)
            try await bob.query("COMMIT")
            // With the change her context is over, whatever she had declared, and before any sweep.
            #expect(try await watcher.number(open, [.text(world.alice)]) == 0)
            await watcher.close()
            #expect(try await alice.count("users") == 0)
            #expect(await alice.sqlState("SELECT piste.declare('users.read', 'users')") == "PT410")
            #expect(try await world.owner.query("SELECT * FROM piste.sweep() WHERE did = 'ended'").count == 1)
            #expect(try await world.backendEnds(alice.backendPID))
            #expect(try await world.memberships(world.alice) == 0)
            await alice.close()
            alice = try await world.connect(world.alice)
            #expect(try await alice.enter(token) == "token_old_key")
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    @Test func whoIsIssuedATokenMeanwhileHasOneOfTheOldKey() async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            let token = try await alice.token("acme").text
            try await bob.query("COMMIT")
            // It was signed with the key that was good then, and opens nothing any more.
            #expect(try await alice.enter(token) == "token_old_key")
            let fresh = try await alice.token("acme").text
            #expect(try await world.kid(in: fresh) == world.keys("acme").current)
            #expect(try await alice.enter(fresh) == nil)
            try await world.expectReading(alice)
            await alice.close()
            await bob.close()
        }
    }

    /// What was issued before is ended; what is issued in a transaction that is still open is dead by its key all the same; and
    /// whoever enters in one is ended.
    @Test(arguments: [true, false])
    func whoHasNotCommittedYetGetsNowhere(isFirst: Bool) async throws {
        try await EngineWorld.underAttack { world in
            let alice = try await world.connect(world.alice)
            let bob = try await world.connect(world.bob)
            try await alice.query("BEGIN")
            let issued = try await alice.token("acme")
            if isFirst { try await alice.query("COMMIT") }
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            if !isFirst { try await alice.query("COMMIT") }
            let again = try await world.connect(world.alice)
            #expect(try await again.enter(issued.text) == "token_old_key")
            #expect(
                try await world.owner.value(
                    "SELECT end_reason FROM piste.context WHERE jti = '\(issued.jti)'")
                    == (isFirst ? "the signing key was changed" : ""))

            let token = try await again.token("acme").text
            try await again.query("BEGIN")
            #expect(try await again.enter(token) == nil)
            // It idles in its transaction, with the trail in its hand.
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            #expect(try await world.backendEnds(again.backendPID))
            #expect(try await world.memberships(world.alice) == 0)
            #expect(try await bob.number("SELECT count(*) FROM piste.contexts()") == 0)
            let third = try await world.connect(world.alice)
            #expect(try await third.enter(token) == "token_old_key")
            #expect(try await third.enter(try await third.token("acme").text) == nil)
            try await world.expectReading(third)
            for connection in [alice, again, bob, third] { await connection.close() }
        }
    }

    /// Four logins issue and enter as fast as they can while an admin rotates eight times.
    @Test func nothingThatAnOldKeySignedSurvivesTheStorm() async throws {
        try await EngineWorld.underAttack { world in
            // It blows for as long as this machine takes for eight rotations.
            try await world.owner.query(
                "INSERT INTO piste.setting (name, value, set_by) VALUES ('token_rate', '1000000', 'nobody')")
            let weather = Weather()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for login in [world.alice, world.bob, world.carol, world.shop] {
                    group.addTask { try await world.blow(weather, as: login) }
                }
                let bob = try await world.connect(world.bob)
                for _ in 0..<8 {
                    // A round begins when the storm blows: somebody has come in since the last.
                    let before = weather.storm.withLock { $0.entered }
                    let blows = try await eventually {
                        weather.storm.withLock { $0.entered } > before + 1
                    }
                    #expect(blows)
                    let rotated = try await bob.query(
                        "SELECT kid, refusal FROM piste.rotate_signing_key('acme')")[0]
                    #expect(try rotated.isNull("refusal"))
                    // Whatever is not ended was born of the key that is in use.
                    let tokens = weather.storm.withLock { $0.tokens }
                    for (login, token) in tokens.suffix(60) {
                        let row = try await world.owner.query(
                            """
                            SELECT piste.json_of_base64url(split_part($1, '.', 1)) ->> 'kid',
                                (SELECT ended_at IS NULL FROM piste.context WHERE jti::text =
                                    piste.json_of_base64url(split_part($1, '.', 2)) ->> 'jti')
                            """, [.text(token)])[0]
                        // One that was being issued at this moment is on record, and opens nothing.
                        if try row.bool(1), try row.string(0) != rotated.string("kid") {
                            let late = try await world.connect(login)
                            #expect(try await late.enter(token) == "token_old_key")
                            await late.close()
                        }
                    }
                }
                weather.isOver.store(true, ordering: .sequentiallyConsistent)
                await bob.close()
                try await group.waitForAll()
            }
            let storm = weather.storm.withLock { $0 }
            #expect(storm.states.isSubset(of: ["57P01", "lost"]), "\(storm.states)")
            #expect(storm.refusals.isSubset(of: ["token_old_key", "token_ended"]), "\(storm.refusals)")
            #expect(storm.entered >= 16)

            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("rotate_signing_key('acme')") == nil)
            #expect(try await world.keys("acme").retired == 9)
            for (login, token) in storm.tokens.suffix(40) {
                let connection = try await world.connect(login)
                #expect(try await connection.enter(token) == "token_old_key")
                await connection.close()
            }
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == 0
            )
            for login in [world.alice, world.bob, world.carol, world.shop] {
                #expect(try await world.memberships(login) == 0)
            }
            #expect(try await bob.enter(try await bob.token("acme").text) == nil)
            try await world.expectReading(bob)
            await bob.close()
        }
    }
}

/// A storm that blows until it is over.
private final class Weather: Sendable {
    /// What happened to those who issued and entered.
    struct Storm: Sendable {
        var tokens: [(login: String, token: String)] = []
        var refusals: Set<String> = []
        var states: Set<String> = []
        var entered = 0
    }

    let isOver = Atomic(false)
    let storm = Mutex(Storm())
}

extension EngineWorld {
    /// Issues and enters, each time on a connection of its own.
    fileprivate func blow(_ weather: Weather, as login: String) async throws {
        while !weather.isOver.load(ordering: .sequentiallyConsistent) {
            let connection = try await connect(login)
            do {
                let token = try await connection.token("acme").text
                weather.storm.withLock { $0.tokens.append((login, token)) }
                let refusal = try await connection.enter(token)
                weather.storm.withLock { storm in
                    if let refusal { storm.refusals.insert(refusal) } else { storm.entered += 1 }
                }
            } catch let error as PostgresError {
                weather.storm.withLock { _ = $0.states.insert(error.sqlState ?? "lost") }
            }
            await connection.close()
        }
    }

    /// Whether the connection's backend has come to wait for a lock.
    func waits(_ connection: Connection) async throws -> Bool {
        try await eventually {
            try await owner.number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE pid = \(connection.backendPID) AND wait_event_type = 'Lock'
                """) == 1
        }
    }

    /// The kid in a token's header.
    func kid(in token: String) async throws -> String {
        try await owner.value(
            "SELECT piste.json_of_base64url(split_part($1, '.', 1)) ->> 'kid'", [.text(token)])
    }
}
