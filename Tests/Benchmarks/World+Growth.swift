import Foundation
import Glibc
import Postgres
import Tenancy
import TestSupport

/// What grows for ever unless somebody says for how long it is kept: the trail, and the rows of contexts that have ended.
extension World {
    private static let growing = "company-1"

    /// Writes records into a trail and ended contexts, archives the one behind a checkpoint and has the sweep purge the other.
    ///
    /// One context for every ten records; sizes are of all of the engine's tables. The engine's own function adds the records, a thousand at a time: one by one, connections of services add about as many
    /// a second.
    func measureGrowth(_ records: Int, _ report: Report) async throws {
        let folder = "/tmp/piste-growth-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = try await size()
        try await took("write \(records) records, s", report) { try await write(records) }
        try await took("seal them, s", report) {
            while try await owner.query("SELECT piste.seal()")[0].int(0) > 0 {}
        }
        report.figure("size, MB", try await size(), baseline: before)
        let verifier = try piste("audit", "key", "new", "--output", folder + "/key", "--name", "benchmark")
        try await took("piste audit checkpoint, s", report) {
            try piste(
                "audit", "checkpoint", Self.growing, "--key", folder + "/key", "--output", folder + "/note",
                "--database", url)
        }
        try await took("piste audit archive, s", report) {
            try piste(
                "audit", "archive", Self.growing, "--before", folder + "/note", "--verifier", verifier,
                "--output", folder + "/archive", "--confirm", Self.growing, "--database", url)
        }
        try await owner.query("SELECT * FROM piste.set_setting('keep_control_days', '90')")
        try await took("purge contexts that ended long ago, by sweeps, s", report) {
            var actions: [SweepAction] = []
            repeat { actions = try await admin.sweep() } while actions.contains { $0.kind == "purged" }
        }
        try await owner.query("VACUUM piste.entry, piste.context")
        report.figure("size, with room for as many again, MB", try await size(), baseline: before)
        try await owner.query("VACUUM FULL piste.entry")
        try await owner.query("VACUUM FULL piste.context")
        report.figure("size of what is kept, MB", try await size(), baseline: before)
        let file = try FileManager.default.attributesOfItem(atPath: folder + "/archive")[.size] as? Int ?? 0
        report.figure("the archive, MB", Double(file) / 1_048_576)
        try await took("piste audit verify, of the archive, s", report) {
            try piste(
                "audit", "verify", "--export", folder + "/archive", "--checkpoint", folder + "/note",
                "--verifier", verifier)
        }
    }

    private func write(_ records: Int) async throws {
        let firm = "(SELECT id FROM piste.company WHERE url_id = '\(Self.growing)')"
        for _ in 0..<(records + 999) / 1000 {
            try await owner.query(
                """
                SELECT piste.append_all(\(firm), 'bench_shop', NULL, NULL, array_fill('users.read'::text, ARRAY[1000]),
                    array_fill('users'::text, ARRAY[1000]),
                    array_fill('{"rows": 50, "filter": "an@", "order": "created_at"}'::jsonb, ARRAY[1000]))
                """)
        }
        try await owner.run(
            script: """
                BEGIN;
                SET LOCAL session_replication_role = replica;
                INSERT INTO piste.context (
                    jti, company, operator, purpose, access, role, kid, issued_at, expires_at, ended_at, end_reason)
                SELECT gen_random_uuid(), \(firm), 'bench_shop', 'service', 'read', 'reader', 'none', at, at, at, 'left'
                FROM generate_series(1, \(records / 10)) AS n,
                    LATERAL (SELECT now() - interval '180 days' + n * interval '1 second' AS at) AS moment;
                COMMIT;
                """)
    }

    /// In megabytes.
    private func size() async throws -> Double {
        let bytes = try await owner.query(
            """
            SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
            WHERE relnamespace = 'piste'::regnamespace AND relkind = 'r'
            """)
        return Double(try bytes[0].int(0)) / 1_048_576
    }

    private func took(_ name: String, _ report: Report, _ work: () async throws -> Void) async throws {
        let begun = ContinuousClock.now
        try await work()
        report.figure(name, (ContinuousClock.now - begun) / .seconds(1))
    }

    /// Runs the program, which must succeed, and gives its first line.
    @discardableResult
    private func piste(_ words: String...) throws -> String {
        let ended = try Program.run(BuiltBinary.path, words, limit: .seconds(3600))
        guard ended.status == 0 else {
            throw Plan.Mistake(description: "piste \(words.joined(separator: " ")): \(ended.errors)")
        }
        return ended.output.split(separator: "\n").first.map(String.init) ?? ""
    }
}
