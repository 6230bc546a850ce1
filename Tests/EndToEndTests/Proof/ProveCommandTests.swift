import Foundation
import Postgres
import Signing
import TestSupport
import Testing
import Text

/// `piste prove` as an admin and a security team see it: exit statuses, the table, the three forms of the report.
struct ProveCommandTests {
    @Test func aSoundSystemIsProvedAndTheReportsDigestIsOnRecord() async throws {
        try await ProofCommandWorld.run { world in
            let forms = ["md", "json", "html"]
            let proof = try await world.prove(
                "--report", world.path("r.md"), "--report", world.path("r.json"), "--report",
                world.path("r.html"), "--format", "json")
            #expect(proof.status == 0, "\(proof)")
            #expect(proof.narration.contains("The isolation holds."))
            let lines = try proof.objects()
            #expect(lines.count > 150)
            #expect(lines.allSatisfy { $0["passed"] as? Bool == true })
            #expect(Set(lines.compactMap { $0["part"] as? String }) == ["catalog", "probe", "chain"])
            #expect(lines.contains { $0["id"] as? String == "engine.files" })
            // What waited was sealed before the chains were recomputed.
            for line in lines where line["part"] as? String == "chain" {
                #expect((line["evidence"] as? String)?.hasPrefix("0 records") == false, "\(line)")
            }

            // The body is the same in all three, and what the control trail holds is its digest.
            let document = try world.text("r.json")
            let body = try #require(
                document.split(separator: ",\"sha256\":", maxSplits: 1).first?.dropFirst("{\"body\":".count))
            let digest = Hexadecimal.text(SHA256.hash(Array(body.utf8)))
            #expect(proof.narration.contains("Digest \(digest)"))
            for form in forms {
                let text = try world.text("r.\(form)")
                #expect(text.contains(body), "\(form)")
                #expect(text.contains(digest), "\(form)")
            }
            let record = try await world.owner.query(
                """
                SELECT seq, actor, detail ->> 'sha256' AS sha256, encode(hash, 'hex') AS hash
                FROM piste_test.trail('piste') WHERE action = 'proof.report'
                """)
            #expect(record.count == 1)
            #expect(try record[0].string("sha256") == digest)
            #expect(try record[0].string("actor") == world.bob)
            let whole = try #require(
                try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
            let recorded = try #require(whole["recorded"] as? [String: Any])
            #expect(recorded["seq"] as? Int == (try record[0].int("seq")))
            #expect(recorded["hash"] as? String == (try record[0].string("hash")))
            let report = try #require(whole["body"] as? [String: Any])
            #expect(report["holds"] as? Bool == true)
            #expect(report["server_version"] as? String != nil)
            #expect(
                (report["flaws"] as? [[String: Any]])?.allSatisfy { $0["closed_here"] as? Bool == true }
                    == true)
            #expect(
                (report["claim"] as? String)
                    == "No login can read or change a row of a company unless it holds an open, unexpired, unrevoked "
                    + "context for exactly that company, opened with a token that PostgreSQL issued to that login; and no "
                    + "row is returned before the record of that read is committed in the company's audit trail."
            )
            for form in ["md", "html"] {
                let text = try world.text("r.\(form)")
                for words in [
                    "No login can read or change a row", "superusers", "CVE-2025-8713", "CVE-2024-10976",
                    "gate.enabled-and-forced", "probe.tokens.algorithm-none", "42501", "token_algorithm",
                ] { #expect(text.contains(words), "\(form): \(words)") }
            }
            let page = try world.text("r.html")
            #expect(!page.contains("<script") && !page.contains("src=") && !page.contains("href="))
            #expect(try await world.value("SELECT count(*) FROM piste.company") == "2")
            #expect(try await world.value("SELECT count(*) FROM piste.context WHERE ended_at IS NULL") == "0")
        }
    }

    @Test func aHostileNameIsTextInEveryForm() async throws {
        try await ProofCommandWorld.run { world in
            let table = #"<img src=x onerror=alert(1)>|`x`[a](b)"#
            let home = try await world.home("evil")
            try await world.owner.query("CREATE TABLE \(home).\(Quoted.identifier(table)) (id bigint)")
            let proof = try await world.prove(
                "evil", "--report", world.path("r.md"), "--report", world.path("r.json"), "--report",
                world.path("r.html"))
            #expect(proof.status == 5, "\(proof)")
            #expect(!proof.bytes.contains(0x1B) && !proof.narration.utf8.contains(0x1B))
            #expect(proof.narration.contains("gate.enabled-and-forced: evil: row level security of table"))

            let page = try world.text("r.html")
            #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;"))
            #expect(!page.contains("<script") && !page.contains("<img"))
            #expect(!page.utf8.contains(0x1B) && !page.unicodeScalars.contains("\u{202E}"))
            #expect(page.contains("does NOT hold"))

            let markdown = try world.text("r.md")
            #expect(!markdown.contains("<script") && !markdown.contains("<img"))
            #expect(markdown.contains("&lt;script&gt;"))
            #expect(markdown.contains(#"\|\`x\`\[a\]\(b\)"#))
            #expect(!markdown.utf8.contains(0x1B) && !markdown.unicodeScalars.contains("\u{202E}"))
            // No name adds a cell to a row.
            for row in markdown.split(separator: "\n") where row.hasPrefix("| **NO**") {
                let bars = row.split(separator: "\\|", omittingEmptySubsequences: false).map {
                    $0.count { $0 == "|" }
                }
                #expect([4, 5, 7].contains(bars.reduce(0, +)), "\(row)")
            }

            let document = try world.text("r.json")
            #expect(!document.utf8.contains(0x1B) && !document.contains("<"))
            let whole = try #require(
                try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
            let report = try #require(whole["body"] as? [String: Any])
            #expect(report["company_name"] as? String == ProofCommandWorld.hostileName)
            let failed = (report["checks"] as? [[String: Any]])?.filter { $0["passed"] as? Bool == false }
            #expect(failed?.contains { ($0["evidence"] as? String)?.contains(table) == true } == true)
        }
    }

    /// What a superuser breaks, committed, makes the command fail and say what it was.
    @Test(arguments: [
        ("ALTER TABLE {home}.users NO FORCE ROW LEVEL SECURITY", "gate.enabled-and-forced"),
        ("CREATE POLICY more ON {home}.users USING (true)", "gate.one-policy-per-command"),
        ("GRANT SELECT ON {home}.users TO {alice}", "company.grants"),
        ("GRANT {home}_writer TO {alice}", "memberships.companies"),
        ("ALTER TABLE {home}.users DISABLE TRIGGER recorded_insert", "company.triggers"),
        ("ALTER FUNCTION piste.declare(text, text, jsonb) RESET search_path", "engine.definer-paths"),
        ("UPDATE piste.engine_file SET checksum = repeat('0', 64) WHERE name = 'gate'", "engine.files"),
        (
            "CREATE VIEW public.leak AS SELECT * FROM {home}.users; GRANT SELECT ON public.leak TO {alice}",
            "surroundings.relations"
        ),
        (
            """
            SELECT piste.seal(); SET session_replication_role = replica;
            UPDATE piste_test.{home} SET actor = 'nobody' WHERE seq = 1; RESET session_replication_role
            """,
            "chain.awesome"
        ),
        (
            """
            SELECT piste.seal(); SET session_replication_role = replica;
            UPDATE piste_test.piste SET actor = 'nobody' WHERE seq = 2; RESET session_replication_role
            """,
            "chain.control-trail"
        ),
    ])
    func sabotage(sql: String, named: String) async throws {
        try await ProofCommandWorld.run { world in
            let filled = sql.replacing("{home}", with: try await world.home()).replacing(
                "{alice}", with: world.alice)
            try await world.owner.run(script: filled)
            let proof = try await world.prove("awesome", "--format", "csv")
            #expect(proof.status == 5, "\(proof)")
            let failed = CommaSeparated.rows(proof.output).filter { $0.count == 5 && $0[1] == "false" }.map {
                $0[2]
            }
            #expect(failed.contains(named), "\(failed)")
            #expect(proof.narration.contains(named), "\(proof.narration)")
            #expect(proof.narration.contains("the proof fails in"))
            let failures = try await world.value(
                "SELECT detail ->> 'failed' FROM piste_test.trail('piste') WHERE action = 'proof.report'")
            #expect(failures == String(failed.count))
        }
    }

    @Test func whoMayNotProveIsRefused() async throws {
        try await ProofCommandWorld.run { world in
            let support = try await world.prove(as: world.alice)
            #expect(support.status == 3, "\(support)")
            #expect(support.narration.contains("not_allowed"))
            #expect(support.output.isEmpty)
            let superuser = try await world.prove(as: "postgres")
            #expect(superuser.status == 3, "\(superuser)")
            #expect(superuser.narration.contains("outside of the claim"))
            #expect(
                try await world.value(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'proof.report'") == "0")
            #expect(try await world.prove("nowhere").status == 1)
            #expect(try await world.prove("--report", world.path("r.txt")).status == 2)
            #expect(try await world.prove("awesome", "--all").status == 2)
            #expect(try await world.prove("--report", world.path("no/such/folder.md")).status == 1)
            let nowhere = try await Piste.run(
                ["prove"],
                environment: ["PISTE_DATABASE_URL": "postgresql://x@/y?host=\(world.folder.path)"])
            #expect(nowhere.status == 4)
        }
    }

    /// However a proof is killed, the next one clears its companies away and holds.
    @Test func aKilledProofLeavesNothingThatStays() async throws {
        try await ProofCommandWorld.run { world in
            var killed = 0
            for milliseconds in [150, 400, 900, 1500, 2500] {
                do {
                    _ = try await world.prove(deadline: .milliseconds(milliseconds))
                } catch is Piste.Failure {
                    killed += 1
                }
            }
            #expect(killed > 0)
            #expect(
                try await eventually {
                    try await world.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(world.bob)'") == "0"
                })
            let proof = try await world.prove("--report", world.path("r.json"))
            #expect(proof.status == 0, "\(proof)")
            // Each proof clears away two; a sweep does the rest.
            for _ in 0..<6 { try await world.owner.query("SELECT * FROM piste.sweep()") }
            #expect(try await world.value("SELECT count(*) FROM piste.company") == "2")
            #expect(try await world.value("SELECT count(*) FROM piste.probe") == "0")
            #expect(
                try await world.value(
                    "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^t_' AND nspname NOT IN (SELECT schema_name FROM piste.company)"
                ) == "0")
        }
    }
}
