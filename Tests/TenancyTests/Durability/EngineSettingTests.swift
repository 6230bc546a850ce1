import Postgres
import TestSupport
import Testing

/// What an admin chooses for the whole database, and what nobody else does.
struct EngineSettingTests {
    @Test func choosesOnRecord() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            #expect(try await bob.value("SELECT piste.setting('ticket_rate')") == "5000")
            let change = try await bob.query("SELECT * FROM piste.set_setting('ticket_rate', ' 70 ')")[0]
            #expect(try change.optionalString("was") == "5000")
            #expect(try change.optionalString("holds") == "70")
            #expect(try await bob.value("SELECT piste.setting('ticket_rate')") == "70")
            #expect(
                try await bob.value(
                    "SELECT set_by FROM piste.settings() WHERE name = 'ticket_rate' AND chosen") == world.bob)
            #expect(
                try await world.controlDetail("engine.setting")
                    == #"{"new": "70", "old": "5000", "name": "ticket_rate"}"#)
            try await bob.query("SELECT * FROM piste.set_setting('ticket_rate', NULL)")
            #expect(try await bob.value("SELECT piste.setting('ticket_rate')") == "5000")
            #expect(try await bob.number("SELECT count(*) FROM piste.settings() WHERE chosen") == 0)
            await bob.close()
        }
    }

    @Test func refusesWhatASettingCannotBe() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            let before = try await bob.value("SELECT string_agg(value, ' ') FROM piste.settings()")
            for (name, value, state) in [
                ("durability", "sometimes", "PT400"), ("durability", "replicated", "PT409"),
                ("durability", "", "PT400"),
                ("clock", "yesterday", "PT400"), ("clock", "now", "PT409"), ("ticket_rate", "0", "PT400"),
                ("ticket_rate", "-1", "PT400"), ("ticket_rate", "1e3", "PT400"),
                ("ticket_rate", "90001", "PT400"),
                ("ticket_rate", "99999999999999999999", "PT400"), ("keep_values_days", "x", "PT400"),
                ("max_unopened_tokens", "0", "PT400"), ("nothing", "1", "PT404"), ("'; --", "1", "PT404"),
            ] {
                #expect(
                    await bob.sqlState(
                        "SELECT * FROM piste.set_setting($1, $2)", [.text(name), .text(value)]) == state,
                    "\(name) \(value)")
            }
            #expect(await bob.sqlState("SELECT piste.setting('nothing')") == "PT404")
            #expect(try await bob.value("SELECT string_agg(value, ' ') FROM piste.settings()") == before)
            await bob.close()
        }
    }

    @Test func isForAdminsToChooseAndForOperatorsToKnow() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                let connection = try await world.connect(login)
                #expect(try await connection.value("SELECT piste.setting('durability')") == "local")
                #expect(try await connection.refusal("set_setting('ticket_rate', '1')") == "not_allowed")
                #expect(try await world.controlDetail("engine.refused").contains("ticket_rate"))
                await connection.close()
            }
            #expect(try await world.owner.value("SELECT piste.setting('ticket_rate')") == "5000")
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN")
            let connection = try await world.connect(stranger)
            for call in [
                "piste.setting('durability')", "piste.settings()", "piste.set_setting('ticket_rate', '1')",
                "piste.durability_report()", "piste.compare_head(NULL, 1, 'a')",
            ] {
                #expect(await connection.sqlState("SELECT * FROM \(call)") == "42501", "\(call)")
            }
            await connection.close()
        }
    }

    /// A clock that was set back would let live what has expired.
    @Test func refusesWhileTheClockIsBehind() async throws {
        try await EngineWorld.run { world in
            let (carol, _) = try await world.inside("acme", as: world.carol)
            try await world.expectReading(carol)
            let ahead = "(extract(epoch FROM clock_timestamp() + interval '1 hour') * 1000000)::bigint"
            try await world.owner.query("SELECT setval('piste.newest_record', \(ahead))")
            #expect(await carol.sqlState("SELECT piste.declare('users.read', 'users')") == "PT409")
            let other = try await world.connect(world.alice)
            let token = try await other.token("acme")
            #expect(await other.sqlState("SELECT * FROM piste.enter($1)", [.text(token.text)]) == "PT409")
            let report = "SELECT state FROM piste.durability_report() WHERE subject = 'server clock'"
            #expect(try await other.value(report) == "problem")
            // Where the newest record is the wrong one, an admin says so: once, for this record.
            #expect(try await other.refusal("set_setting('clock', 'now')") == "not_allowed")
            try await world.owner.query("SELECT * FROM piste.set_setting('clock', 'now')")
            try await world.expectReading(carol)
            #expect(try await other.value(report) == "good")
            try await world.owner.query("SELECT setval('piste.newest_record', \(ahead))")
            #expect(await carol.sqlState("SELECT piste.declare('users.read', 'users')") == "PT409")
            // Another server's clock is not this one's.
            try await world.owner.query("UPDATE piste.server SET timeline = timeline + 1")
            // Of an unlogged sequence a promotion leaves nothing.
            try await world.owner.query("SELECT setval('piste.noted_server', 0)")
            try await world.expectReading(carol)
            #expect(try await world.controlDetail("engine.timeline").contains("timeline_before"))
            await other.close()
            await carol.close()
        }
    }

    @Test func tellsATrailWhoseHeadWentBack() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            _ = await world.owner.sqlState("SELECT piste.seal()")
            let zero = "'00000000-0000-0000-0000-000000000000'"
            let head = try await world.owner.number(
                "SELECT (SELECT seq FROM piste.trail WHERE company = \(zero))")
            let hash = try await world.owner.value(
                "SELECT encode(piste.sealed_hash(\(zero), \(head)), 'hex')")
            let compare = "SELECT * FROM piste.compare_head(NULL, $1, $2)"
            #expect(try await bob.query(compare, [.int(Int64(head)), .text(hash)])[0].bool("ok"))
            let strange = String(repeating: "ab", count: 32)
            for _ in 0..<2 {
                let row = try await bob.query(compare, [.int(Int64(head) + 100), .text(strange)])[0]
                #expect(try !row.bool("ok"))
                #expect(try row.int("lost_from") == head + 1)
                #expect(try row.int("lost_to") == head + 100)
            }
            #expect(try await world.controlCount("incident.head") == 1)
            #expect(try await !bob.query(compare, [.int(Int64(head)), .text(strange)])[0].bool("ok"))
            #expect(try await world.controlCount("incident.head") == 2)
            #expect(await bob.sqlState(compare, [.int(1), .text("x")]) == "PT400")
            #expect(await bob.sqlState(compare, [.int(0), .text(strange)]) == "PT400")
            let carol = try await world.connect(world.carol)
            #expect(try await carol.refusal("compare_head(NULL, 1, '\(strange)')") == "not_allowed")
            await carol.close()
            await bob.close()
        }
    }
}

extension EngineWorld {
    /// The detail of the engine's newest record of this action.
    func controlDetail(_ action: String) async throws -> String {
        _ = await owner.sqlState("SELECT piste.seal()")
        return try await owner.value(
            "SELECT detail::text FROM piste.audit_trail(NULL, \"limit\" => 1000) WHERE action = $1 LIMIT 1",
            [.text(action)])
    }

    func controlCount(_ action: String) async throws -> Int {
        _ = await owner.sqlState("SELECT piste.seal()")
        return try await owner.number(
            "SELECT count(*) FROM piste.audit_trail(NULL, \"limit\" => 1000) WHERE action = $1",
            [.text(action)])
    }
}
