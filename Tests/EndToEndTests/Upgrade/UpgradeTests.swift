import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A database that the first engine made, as a dump of it, brought to the present one.
///
/// The dump is of the first engine that anybody could install (1.0, blueprint 1): four operators of `first_…`, three
/// companies with rows and trails, one of them suspended; an impersonation with a change and its reason, a service's change, a
/// refusal, a token that nobody opened, and a context that was open when the dump was made.
struct UpgradeTests {
    private static let companies = ["awesome", "blau", "sleeping"]
    private static let database = "app"

    private struct Failure: Error, CustomStringConvertible { let description: String }

    private let bob = "first_bob"

    private func shell(_ line: String, _ running: RunningCluster) throws {
        let run = try Program.run(
            "/bin/sh", ["-c", line],
            environment: [
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                "PGHOST": running.socketDirectory, "PGUSER": RunningCluster.superuser,
                "PGDATABASE": "postgres",
            ], limit: .seconds(120))
        guard run.status == 0 else { throw Failure(description: "\(line): \(run.errors)") }
    }

    private func piste(
        _ running: RunningCluster, as login: String, _ arguments: [String]
    ) async throws -> Piste.Outcome {
        let url = "postgresql://\(login)@/\(Self.database)?host=\(running.socketDirectory)"
        return try await Piste.run(arguments + ["--database", url])
    }

    private func owner(_ running: RunningCluster) async throws -> Connection {
        try await Connection.open(running.settings(database: Self.database))
    }

    /// Every row and every record of every company, by its own words, as one digest a table.
    private func contents(_ running: RunningCluster) async throws -> [String: String] {
        let owner = try await owner(running)
        var digests: [String: String] = [:]
        for company in Self.companies {
            let home = try await owner.query(
                "SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(company)])[0].string(0)
            for (table, columns) in [
                ("users", "id, email, name, role, status, locale, created_at, last_seen_at"),
                ("journeys", "id, user_id, name, status, current_step, started_at, updated_at"),
                ("journey_steps", "id, journey_id, position, name, state, entered_at, completed_at, note"),
            ] {
                digests["\(company).\(table)"] = try await owner.query(
                    "SELECT count(*) || ' ' || md5(string_agg(r::text, '|' ORDER BY r.id)) FROM (SELECT \(columns) FROM \(home).\(table)) r"
                )[0].string(0)
            }
            // The records of before: what was added since comes after them.
            digests["\(company).audit"] = try await owner.query(
                """
                SELECT count(*) || ' ' || md5(string_agg(r::text, '|' ORDER BY seq)) FROM (
                    SELECT seq, at, actor, subject, context, action, resource, detail, previous_hash, hash
                    FROM \(home).audit WHERE at < '2026-11-26 19:23:00+00') r
                """)[0].string(0)
        }
        await owner.close()
        return digests
    }

    private func expectTheProof(_ running: RunningCluster) async throws {
        let proof = try await piste(running, as: bob, ["prove", "--all"])
        #expect(proof.status == 0, "\(proof)")
        #expect(proof.narration.contains("The isolation holds."), "\(proof)")
        for company in Self.companies {
            let trail = try await piste(running, as: bob, ["audit", "verify", company])
            #expect(trail.status == 0, "\(trail)")
        }
    }

    @Test func fromTheFirstEngineToThisOneWithoutLosingAByte() async throws {
        let test = TestCluster(isThrowaway: false)
        defer { test.remove() }
        let running = try await test.running()
        let dump = #filePath.components(separatedBy: "/UpgradeTests.swift")[0] + "/Dumps/first_engine.sql.gz"
        try shell("gunzip -c '\(dump)' | psql -X -q -v ON_ERROR_STOP=1 >/dev/null", running)
        let before = try await contents(running)
        #expect(before.count == 12 && before.values.allSatisfy { !$0.hasPrefix("0 ") }, "\(before)")

        // Before: each command says what is wrong, and what would be right.
        let early = try await piste(running, as: bob, ["prove", "--all"])
        #expect(early.status == 1 && early.narration.contains("piste init"), "\(early)")
        let doctor = try await piste(running, as: bob, ["doctor"])
        #expect(doctor.output.contains("version 1.0, and this program carries 1.1"), "\(doctor)")

        let upgrade = try await piste(running, as: RunningCluster.superuser, ["init"])
        #expect(
            upgrade.status == 0 && upgrade.narration.contains("Engine 1.1 is installed (it was 1.0)"),
            "\(upgrade)")
        let dry = try await piste(running, as: bob, ["migrate", "--dry-run"])
        #expect(dry.status == 0, "\(dry)")
        let migrate = try await piste(running, as: bob, ["migrate", "--canary", "blau"])
        #expect(migrate.status == 0 && migrate.narration.contains("3 companies were migrated"), "\(migrate)")
        #expect(try await contents(running) == before)
        try await expectTheProof(running)

        // Once more changes nothing.
        let owner = try await owner(running)
        let manifest = "SELECT md5(string_agg(m::text, '|' ORDER BY m::text)) FROM piste.manifest m"
        let sealed = try await owner.query(manifest)[0].string(0)
        #expect(
            try await piste(running, as: RunningCluster.superuser, ["init"]).narration.contains("it was 1.1"))
        #expect(try await owner.query(manifest)[0].string(0) == sealed)
        #expect(try await piste(running, as: bob, ["migrate"]).status == 0)
        #expect(try await contents(running) == before)

        // The context that was open when the dump was made: its backend is gone, and so is its right after a sweep.
        let members =
            "SELECT count(*) FROM pg_auth_members WHERE member = 'first_carol'::regrole AND roleid::regrole::text LIKE 't\\_%'"
        #expect(try await owner.query(members)[0].int(0) == 1)
        #expect(try await piste(running, as: bob, ["sweep"]).status == 0)
        #expect(try await owner.query(members)[0].int(0) == 0)
        await owner.close()
        try await expectEverybodyCanWork(running)

        // A dump of what it is now, restored, is proved as well.
        try shell(
            "pg_dump --create \(Self.database) > '\(test.cluster.root)/again.sql' && psql -X -q -c 'DROP DATABASE \(Self.database) WITH (FORCE)' "
                + "&& psql -X -q -v ON_ERROR_STOP=1 -f '\(test.cluster.root)/again.sql' >/dev/null && rm '\(test.cluster.root)/again.sql'",
            running)
        let after = try await contents(running)
        for (table, digest) in before where table.hasSuffix(".audit") || table.hasPrefix("sleeping") {
            #expect(after[table] == digest, "\(table)")
        }
        try await expectTheProof(running)
    }

    private func expectEverybodyCanWork(_ running: RunningCluster) async throws {
        let users = try await piste(
            running, as: "first_alice", ["users", "awesome", "--filter", "山田", "--format", "csv"])
        #expect(users.status == 0 && users.output.contains("Grüße, 山田 太郎"), "\(users)")
        let refused = try await piste(running, as: "first_alice", ["users", "sleeping"])
        #expect(refused.status == 3 && refused.narration.contains("company_suspended"), "\(refused)")
        let token = try await piste(
            running, as: "first_alice",
            ["impersonate", "awesome", "--reason", "after the upgrade", "--print-token"])
        #expect(token.status == 0, "\(token)")
        let policy = try await piste(
            running, as: bob, ["company", "policy", "blau", "--impersonation", "approval"])
        #expect(policy.status == 0, "\(policy)")
        let made = try await piste(
            running, as: bob, ["company", "create", "New", "--url-id", "new", "--auth-provider", "okta"])
        #expect(made.status == 0, "\(made)")
        let contexts = try await piste(running, as: bob, ["contexts", "--all", "--format", "csv"])
        #expect(contexts.output.contains("cannot finish onboarding,SUP-1"), "\(contexts)")
    }
}
