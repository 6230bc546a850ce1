import Postgres
import Tenancy
import TestSupport
import Testing

/// The proof's holds and floods: everybody else goes on; and whatever stands in somebody's way is seen.
struct BystanderProofTests {
    private func probes(_ world: EngineWorld) async throws -> [ProbeOutcome] {
        try await ProbeRun(world.database.settings(user: world.bob), beside: "acme").run()
    }

    @Test("On every server all probes are refused or outlived", arguments: TestServers.all)
    func sound(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            let outcomes = try await probes(world)
            #expect(
                outcomes.filter { !$0.passed }.isEmpty, "\(outcomes.filter { !$0.passed }.map(\.evidence))")
            #expect(outcomes.count { $0.family == .bystanders } > 15)
            // Nothing of it is left: no company, no membership, no ticket of an admin.
            #expect(try await world.owner.count("piste.company") == 2)
            #expect(try await world.leases(world.bob) == 0)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.ticketRefusal("acme") == "not_allowed")
            #expect(try await bob.number("SELECT piste.strip_probe_windows()") == 0)
            await bob.close()
            // Where the planner needs the windows' first line, it is seen at work without it.
            let version = try await world.owner.number("SELECT current_setting('server_version_num')::int")
            let window = try #require(outcomes.first { $0.id == "probe.session.shut-window" })
            #expect(window.controlAnswer.contains("without the line") == (version >= 160_000), "\(window)")
        }
    }

    @Test func whatStandsInTheWayIsSeen() async throws {
        try await ProofWorld.run { world in
            // A record waits for whoever makes one, and no sweep ends a holder.
            try await world.owner.run(
                script: """
                    CREATE FUNCTION piste.stand_in_the_way() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                    AS 'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock(4711); RETURN NULL; END';
                    CREATE TRIGGER waiting AFTER INSERT ON piste.entry
                        FOR EACH STATEMENT EXECUTE FUNCTION piste.stand_in_the_way();
                    CREATE OR REPLACE FUNCTION piste.sweep_holders()
                    RETURNS TABLE (did text, url_id text, operator text, jti uuid, detail text)
                    LANGUAGE plpgsql AS 'BEGIN END';
                    """)
            let outcomes = try await ProbeRun(world.database.settings(user: world.bob), beside: nil).run()
            for name in [
                "held-read", "held-token", "held-entry", "held-end", "held-refusal", "held-ticket",
                "held-rows",
                "held-tables", "idle-blocker",
            ] {
                let outcome = try #require(outcomes.first { $0.id == "probe.bystanders.\(name)" })
                #expect(!outcome.passed && outcome.controlHolds, "\(name): \(outcome.evidence)")
                #expect(outcome.evidence.contains("somebody was held up"), "\(name): \(outcome.evidence)")
            }
        }
    }

    @Test func aFloodWithoutAnEndIsSeen() async throws {
        try await ProofWorld.runAlone { world in
            try await world.owner.run(
                script: """
                    INSERT INTO piste.setting (name, value, set_by)
                    SELECT s, '1000000000', 'nobody' FROM unnest(ARRAY[
                        'token_rate', 'max_unused_tickets', 'refusal_rate', 'detail_rate', 'entry_rate']) AS s;
                    GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint), pg_try_advisory_xact_lock_shared(int, int),
                        pg_export_snapshot(), xpath(text, xml),
                        xpath(text, xml, text[]) TO PUBLIC;
                    DO $$ BEGIN EXECUTE (
                        SELECT format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', string_agg(p.oid::regprocedure::text, ', '))
                        FROM pg_proc p WHERE p.proname = 'pg_logical_emit_message'); END $$;
                    GRANT SET ON PARAMETER temp_file_limit TO \(world.bob);
                    """)
            let outcomes = try await ProbeRun(world.database.settings(user: world.bob), beside: nil).run()
            for name in [
                "tokens", "tickets", "refusals", "details", "temporary-files",
                "advisory-locks", "advisory-transaction-locks", "logical-messages", "deaf-functions",
                "snapshot-files",
            ] {
                let outcome = try #require(outcomes.first { $0.id == "probe.bystanders.\(name)" })
                #expect(!outcome.passed && outcome.controlHolds, "\(name): \(outcome.evidence)")
            }
            try await world.owner.query("REVOKE SET ON PARAMETER temp_file_limit FROM \(world.bob)")
            // A bound that is not there is no control; and whoever makes roles gives themselves what they like, up to
            // PostgreSQL 15: nobody can be an administrator of themselves.
            let version = try await world.owner.number("SELECT current_setting('server_version_num')::int")
            try await world.owner.query("ALTER DATABASE \(world.database.name) SET temp_file_limit = -1")
            try await world.owner.query("ALTER ROLE \(world.bob) CREATEROLE")
            // A call that fails where an announcement would.
            try await world.owner.run(
                script: """
                    CREATE OR REPLACE FUNCTION piste.announce(channel text, payload text DEFAULT '') RETURNS void
                    LANGUAGE plpgsql AS $$ BEGIN
                        IF pg_notification_queue_usage() > 0 THEN RAISE EXCEPTION 'the queue is not empty'; END IF;
                    END $$;
                    """)
            let later = try await ProbeRun(world.database.settings(user: world.bob), beside: nil).run()
            for name in ["notifications", "temporary-files", "connections"] {
                let outcome = try #require(later.first { $0.id == "probe.bystanders.\(name)" })
                let isSafe = name == "connections" && version >= 160_000
                #expect(outcome.passed == isSafe, "\(name): \(outcome.evidence)")
            }
        }
    }

    @Test("A control of the windows that shows nothing fails", arguments: TestServers.others)
    func idleControl(server: TestServer) async throws {
        try await EngineWorld.run(on: server) { world in
            try await world.owner.run(
                script: """
                    CREATE OR REPLACE FUNCTION piste.strip_probe_windows() RETURNS bigint LANGUAGE sql
                    AS 'SELECT 3::bigint'
                    """)
            let outcomes = try await probes(world)
            let window = try #require(outcomes.first { $0.id == "probe.session.shut-window" })
            #expect(window.isRefused && !window.controlHolds, "\(window.evidence)")
        }
    }
}
