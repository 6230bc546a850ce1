import Postgres
import Tenancy
import TestSupport
import Testing

/// What the engine lends to a proof: throw-away companies, and nothing that reaches a real one.
struct ProbeEngineTests {
    @Test func throwAwayCompaniesComeAndGo() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            let begun = try await bob.query("SELECT * FROM piste.begin_probes()")[0]
            let (own, other) = (try begun.string("url_id"), try begun.string("neighbour_url_id"))
            #expect(try await world.owner.number("SELECT count(*) FROM piste.company") == 4)
            #expect(try await world.owner.failures().isEmpty, "they are companies like any other")
            // Nobody has to be believed: they are entered with a token, and read behind the gate.
            let carol = try await world.connect(world.carol)
            #expect(try await carol.enter(try await carol.token(own).text) == nil)
            #expect(try await carol.count("users") == 0)
            try await carol.declare()
            #expect(try await carol.count("users") == 12)
            await carol.close()
            #expect(try await bob.number("SELECT piste.end_probes()") == 2)
            #expect(try await bob.number("SELECT piste.end_probes()") == 0)
            #expect(try await world.owner.number("SELECT count(*) FROM piste.company") == 2)
            for home in [try begun.string("schema_name"), try begun.string("neighbour_schema_name")] {
                #expect(
                    try await world.owner.number(
                        """
                        SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE '\(home)%')
                            + (SELECT count(*) FROM pg_namespace WHERE nspname = '\(home)')
                        """) == 0)
            }
            let records = try await world.owner.query(
                "SELECT action, detail::text FROM piste_test.trail('piste') WHERE action LIKE 'proof.%' ORDER BY seq"
            )
            #expect(try records.map { try $0.string(0) } == ["proof.begin", "proof.end"])
            #expect(try records.allSatisfy { try $0.string(1).contains(own) && $0.string(1).contains(other) })
            await bob.close()
        }
    }

    @Test func aKilledProofIsClearedAwayByTheNextSweep() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            let begun = try await bob.query("SELECT * FROM piste.begin_probes()")[0]
            let home = try begun.string("schema_name")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.company") == 4,
                "a proof that runs is left alone")
            let pid = bob.backendPID
            try await world.owner.query("SELECT pg_terminate_backend(\(pid), 10000)")
            #expect(
                try await eventually {
                    try await world.owner.number(
                        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") == 0
                })
            let alice = try await world.connect(world.alice)
            try await alice.query("SELECT * FROM piste.sweep()")
            #expect(try await world.owner.number("SELECT count(*) FROM piste.company") == 2)
            #expect(
                try await world.owner.number("SELECT count(*) FROM pg_namespace WHERE nspname = '\(home)'")
                    == 0)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'proof.clean'") == 2)
            #expect(try await world.owner.failures().isEmpty)
            await alice.close()
            await bob.close()
        }
    }

    /// What cannot be removed yet keeps no sweep from its other work.
    @Test func whatIsHeldIsLeftToTheNextSweep() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            let begun = try await bob.query("SELECT * FROM piste.begin_probes()")[0]
            let home = try begun.string("schema_name")
            let pid = bob.backendPID
            await bob.close()
            #expect(
                try await eventually {
                    try await world.owner.number(
                        "SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") == 0
                })
            let holder = try await world.database.superuser()
            try await holder.query("BEGIN")
            try await holder.query("LOCK TABLE \(home).users IN ACCESS SHARE MODE")
            try await world.owner.query(
                "UPDATE piste.context SET expires_at = clock_timestamp() WHERE ended_at IS NULL")
            let did = try await world.owner.query("SELECT did FROM piste.sweep()").map { try $0.string(0) }
            #expect(did == ["expired"], "the sweep did its other work")
            #expect(try await world.owner.count("piste.probe") == 1, "the other one is gone")
            try await holder.query("ROLLBACK")
            try await world.owner.query("SELECT * FROM piste.sweep()")
            #expect(try await world.owner.count("piste.probe") == 0)
            #expect(try await world.owner.count("piste.company") == 2)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'proof.clean'") == 2)
            await holder.close()
        }
    }

    @Test func noTokenOfARealCompanyIsChanged() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            let begun = try await bob.query("SELECT * FROM piste.begin_probes()")[0]
            let real = try await bob.token("acme")
            let change = "SELECT piste.change_probe_token($1::uuid, $2)"
            for manner in ["expire", "foreign"] {
                #expect(try await bob.value(change, [.text(real.jti), .text(manner)]) == "f")
            }
            #expect(try await bob.enter(real.text) == nil, "it works as it did")
            try await bob.query("SELECT piste.leave()")
            // Of a throw-away company, only one's own; and none is made to live longer.
            let own = try await bob.token(try begun.string("url_id"))
            let carol = try await world.connect(world.carol)
            #expect(try await carol.value(change, [.text(own.jti), "expire"]) == "f")
            let before = try await world.owner.value(
                "SELECT expires_at FROM piste.context WHERE jti = $1::uuid", [.text(own.jti)])
            #expect(
                await bob.sqlState(
                    "SELECT piste.change_probe_token($1::uuid, 'expire', 60001)", [.text(own.jti)])
                    == "PT400")
            #expect(
                await bob.sqlState("SELECT piste.change_probe_token($1::uuid, 'revive')", [.text(own.jti)])
                    == "PT400")
            #expect(
                try await world.owner.value(
                    "SELECT expires_at FROM piste.context WHERE jti = $1::uuid", [.text(own.jti)]) == before)
            #expect(try await bob.value(change, [.text(own.jti), "expire"]) == "t")
            #expect(try await bob.enter(own.text) == "token_expired")
            try await bob.query("SELECT piste.end_probes()")
            await carol.close()
            await bob.close()
        }
    }

    @Test func aSuperuserIsNotProbed() async throws {
        try await ProofWorld.run { world in
            let refusal = try await world.owner.refusal("begin_probes()")
            #expect(refusal == "not_allowed")
            let companies = try await world.owner.count("piste.company")
            #expect(companies == 2)
            for (digest, scope) in [
                ("x", "all"), (String(repeating: "a", count: 63), "all"),
                (String(repeating: "A", count: 64), "all"),
            ] {
                #expect(
                    await world.owner.sqlState(
                        "SELECT piste.record_proof($1, $2, 1, 0)", [.text(digest), .text(scope)]) == "PT400")
            }
        }
    }

    /// Each probe is refused with its control let through; and a gate that is open makes them say so.
    @Test func probesTellAnOpenGateFromAShutOne() async throws {
        try await ProofWorld.run { world in
            let run = ProbeRun(world.database.settings(user: world.bob), beside: "acme")
            let sound = try await run.run()
            #expect(sound.count >= 100 && sound.count == ProbeRun.count)
            #expect(Set(sound.map(\.id)).count == sound.count)
            #expect(sound.filter { !$0.passed }.isEmpty, "\(sound.filter { !$0.passed }.map(\.evidence))")
            for family in ProbeOutcome.Family.allCases {
                #expect(sound.count { $0.family == family } >= 5, "\(family)")
            }
            #expect(sound.contains { $0.attack.contains(world.acme.windows) }, "the real company is attacked")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE actor = $1",
                    [.text(world.bob)])
                    == 0, "and nothing of it was opened")

            // The gate is made to say yes, always: whoever relies on it alone is let through, and the probes tell.
            try await world.owner.run(
                script: """
                    CREATE OR REPLACE FUNCTION piste.open_until(company uuid, resource text, command text DEFAULT 'read')
                    RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
                    AS $$ SELECT 'infinity'::timestamptz $$
                    """)
            let open = try await run.run().filter { !$0.passed }.map(\.id)
            for id in [
                "probe.session.undeclared-read", "probe.session.shut-window", "probe.session.second-session",
                "probe.expiry.open-cursor",
                "probe.expiry.repeatable-read", "probe.audit.uncommitted-record",
                "probe.audit.undeclared-table", "probe.outbox.enqueue-reading",
                "probe.outbox.enqueue-undeclared",
                "probe.outbox.enqueue-reading-ticket",
            ] { #expect(open.contains(id), "\(id)") }
            #expect(!open.contains("probe.session.real-table"), "another lock holds that one")
            #expect(try await world.owner.number("SELECT count(*) FROM piste.company") == 2)
        }
    }

    @Test func probesTellABrokenLockOfAnotherKind() async throws {
        try await ProofWorld.run { world in
            // The other two locks: privileges, and the token.
            try await world.owner.run(
                script: """
                    GRANT USAGE ON SCHEMA \(world.acme.windows) TO PUBLIC;
                    GRANT SELECT ON \(world.acme.windows).users TO PUBLIC;
                    CREATE OR REPLACE FUNCTION piste.check_action(action text) RETURNS void LANGUAGE sql AS '';
                    GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC;
                    GRANT SELECT ON pg_authid TO PUBLIC
                    """)
            let outcomes = try await ProbeRun(world.database.settings(user: world.bob), beside: "acme").run()
            let failed = Set(outcomes.filter { !$0.passed }.map(\.id))
            for id in [
                "probe.session.real-table", "probe.audit.engine-word", "probe.privileges.large-object",
                "probe.privileges.passwords",
            ] { #expect(failed.contains(id), "\(id): \(failed)") }
            #expect(try await world.owner.number("SELECT count(*) FROM pg_largeobject_metadata") == 0)
        }
    }

    /// Each guard of the outboxes, taken away: whoever it kept out is told, and no job of a real company is given to a proof.
    @Test func probesTellAnOutboxWithoutItsGuards() async throws {
        try await ProofWorld.run { world in
            let till = world.database.roleName("till_p")
            try await world.owner.query("SELECT * FROM piste.add_operator($1, 'service')", [.text(till)])
            let service = try await world.connect(till)
            let ticket = try await service.ticket("acme")
            #expect(await service.begin(using: ticket) == nil)
            #expect(await service.enqueue() == nil)
            try await service.query("COMMIT")
            try await world.owner.run(
                script: """
                    CREATE OR REPLACE FUNCTION piste.drain_refusal(wish text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
                    GRANT SELECT, INSERT ON piste.job, piste.job_lease TO piste_operators;
                    GRANT INSERT ON piste.job TO PUBLIC;
                    ALTER TABLE piste.job DROP CONSTRAINT job_company_fkey
                    """)
            let outcomes = try await ProbeRun(world.database.settings(user: world.bob), beside: "acme").run()
            let failed = outcomes.filter { !$0.passed && $0.family == .outbox }.map(\.id)
            #expect(
                Set(failed) == [
                    "probe.outbox.reading", "probe.outbox.forging", "probe.outbox.forged-lease",
                    "probe.outbox.drain-unasked", "probe.outbox.drain-inside", "probe.outbox.foreign-finish",
                ], "\(outcomes.filter { $0.family == .outbox }.map(\.evidence))")
            // The real company's job is where it was.
            #expect(
                try await world.owner.value(
                    """
                    SELECT string_agg(concat_ws(' ', k.url_id, j.attempts, j.leased_by), ', ') FROM piste.job j
                    JOIN piste.company k ON k.id = j.company
                    """) == "acme 0")
            await service.close()
        }
    }

    @Test func noServiceIsGivenTheJobsOfAProof() async throws {
        try await ProofWorld.run { world in
            let till = world.database.roleName("till_q")
            try await world.owner.query("SELECT * FROM piste.add_operator($1, 'service')", [.text(till)])
            try await world.owner.query("SELECT piste.let_drain($1)", [.text(till)])
            let (bob, service) = (try await world.connect(world.bob), try await world.connect(till))
            #expect(try await bob.refusal("drain()") == "not_allowed", "an admin drains nothing")
            let begun = try await bob.query("SELECT * FROM piste.begin_probes()")[0]
            for company in ["acme", try begun.string("url_id")] {
                let caller = company == "acme" ? service : bob
                let ticket = try await caller.ticket(company)
                #expect(await caller.begin(using: ticket) == nil)
                #expect(await caller.enqueue() == nil)
                try await caller.query("COMMIT")
            }
            // Each takes its own, and there is nothing more for either.
            for (drainer, company) in [(service, "acme"), (bob, try begun.string("url_id"))] {
                let lease = try #require(try await drainer.drain())
                #expect(try await drainer.jobs(lease) == ["\(company) mail.welcome 1"])
                #expect(try await drainer.drain() == nil)
            }
            try await bob.query("SELECT piste.end_probes()")
            #expect(try await bob.refusal("drain()") == "not_allowed")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste.job_lease WHERE login = $1", [.text(world.bob)]) == 0)
            for connection in [bob, service] { await connection.close() }
        }
    }

    /// A probe whose control is not let through shows nothing, and fails.
    @Test func aProbeThatProvesNothingFails() async throws {
        try await ProofWorld.run { world in
            try await world.owner.run(
                script: """
                    CREATE OR REPLACE FUNCTION piste.open_until(company uuid, resource text, command text DEFAULT 'read')
                    RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
                    AS $$ SELECT '-infinity'::timestamptz $$
                    """)
            let outcomes = try await ProbeRun(world.database.settings(user: world.bob), beside: nil).run()
            let dropped = try #require(outcomes.first { $0.id == "probe.privileges.dropped-policy" })
            #expect(dropped.isRefused && !dropped.controlHolds && !dropped.passed)
            #expect(dropped.evidence.contains("which is wrong"))
        }
    }
}
