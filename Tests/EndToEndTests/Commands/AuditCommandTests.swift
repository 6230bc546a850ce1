import Foundation
import Postgres
import TestSupport
import Testing

/// `piste audit show` and `verify`: a trail can be read, and whatever a superuser does to it is found.
struct AuditCommandTests {
    /// What a superuser does to the trail of a company with twelve records, and the first bad one.
    private static let attacks: [(name: String, sql: String, firstBad: Int)] = [
        ("changed actor", "UPDATE {audit} SET actor = 'somebody' WHERE seq = 5", 5),
        ("changed detail", "UPDATE {audit} SET detail = '{}' WHERE seq = 1", 1),
        ("changed moment", "UPDATE {audit} SET at = at + interval '1 microsecond' WHERE seq = 7", 7),
        ("changed commitment", "UPDATE {audit} SET values_hash = sha256('x') WHERE seq = 3", 3),
        ("removed", "DELETE FROM {audit} WHERE seq = 4", 4),
        ("removed first", "DELETE FROM {audit} WHERE seq = 1", 1),
        (
            "swapped",
            """
            UPDATE {audit} SET seq = 600 WHERE seq = 6; UPDATE {audit} SET seq = 6 WHERE seq = 9;
            UPDATE {audit} SET seq = 9 WHERE seq = 600
            """, 6
        ),
        ("unsealed again", "UPDATE {audit} SET seq = NULL, hash = NULL WHERE seq = 5", 5),
        ("truncated", "DELETE FROM {audit} WHERE seq > 9", 10),
        (
            "truncated, head and all",
            """
            DELETE FROM {audit} WHERE seq > 9;
            UPDATE {head} SET seq = 9, hash = (SELECT hash FROM {audit} WHERE seq = 9)
            """, 12
        ),
        ("emptied", "DELETE FROM {audit}", 1),
    ]

    @Test(arguments: attacks.indices)
    func findsTheFirstBadRecord(_ number: Int) async throws {
        let attack = Self.attacks[number]
        try await ConsoleWorld.run { world in
            let home = try await world.home()
            // The load is one record; renaming makes the rest.
            let begun = try #require(
                Int(try await world.value("SELECT max(seq) FROM piste_test.trail('\(home)')") ?? ""))
            for record in begun..<12 {
                try await world.owner.query(
                    "SELECT * FROM piste.rename_company('awesome', $1)", [.text("Name \(record)")])
            }
            let sound = try await world.piste("audit", "verify", "awesome", "--format", "json")
            #expect(sound.status == 0, "\(sound)")
            #expect(try sound.object()["intact"] as? Bool == true)
            #expect(try sound.object()["entries"] as? Int == 12)

            let sql = attack.sql.replacing("{audit}", with: "piste_test.\(home)").replacing(
                "{head}", with: "piste_test.head_\(home)")
            try await world.owner.run(
                script: """
                    SET session_replication_role = replica; \(sql); RESET session_replication_role;
                    """)
            let broken = try await world.piste("audit", "verify", "awesome", "--format", "json")
            #expect(broken.status == 5, "\(attack.name): \(broken)")
            #expect(try broken.object()["intact"] as? Bool == false)
            #expect(try broken.object()["first_bad"] as? Int == attack.firstBad, "\(attack.name): \(broken)")
            #expect(broken.narration.contains("is broken at record \(attack.firstBad): "))
            let other = try await world.piste("audit", "verify", "blau")
            #expect(other.status == 0, "another company's trail is untouched: \(other)")
        }
    }

    @Test func showsATrail() async throws {
        try await ConsoleWorld.run { world in
            _ = try await world.piste(
                "impersonate", "awesome", "--reason", "he said \"\u{1B}[2J\", then left", "--print-token",
                as: world.alice)
            try await world.owner.query("SELECT piste.seal()")
            let json = try await world.piste("audit", "show", "awesome", "--format", "json")
            #expect(json.status == 0, "\(json)")
            #expect(!json.bytes.contains(0x1B))
            let records = try json.objects()
            #expect(records.first?["action"] as? String == "audit.read", "the reading itself is on record")
            let issue = try #require(records.first { $0["action"] as? String == "impersonation.issue" })
            #expect(
                (issue["detail"] as? [String: Any])?["reason"] as? String
                    == "he said \"\u{1B}[2J\", then left")
            // What was committed just now is shown, and has no place in the chain before it is sealed.
            for name in ["seq", "previous_hash", "hash"] {
                #expect(records.first?[name] is NSNull, "\(name)")
            }
            let sealed = records.dropFirst()
            let numbers = sealed.compactMap { $0["seq"] as? Int }
            #expect(numbers == Array((1...sealed.count).reversed()))
            for (record, before) in zip(sealed, sealed.dropFirst()) {
                #expect(record["previous_hash"] as? String == before["hash"] as? String)
            }
            #expect(sealed.allSatisfy { ($0["hash"] as? String)?.count == 64 })
            #expect((sealed.last?["previous_hash"] as? String)?.count == 64)

            let two = try await world.piste("audit", "show", "awesome", "--limit", "2")
            #expect(two.lines.count == 3)
            #expect(!two.bytes.contains(0x1B))
            let csv = try await world.piste("audit", "show", "awesome", "--format", "csv")
            #expect(CommaSeparated.rows(csv.output).allSatisfy { $0.count == 10 })
            let control = try await world.piste("audit", "show", "--format", "json")
            #expect(try control.objects().contains { $0["action"] as? String == "operator.add" })
            let unknown = try await world.piste("audit", "verify", "nowhere")
            #expect(unknown.status == 1, "\(unknown)")
            #expect(unknown.narration.contains("no company of this name"))
            #expect(try await world.piste("audit", "show", "nowhere").status == 1)
        }
    }

    /// A trail longer than one page of the command comes whole, each record once.
    @Test func showsALongTrailWhole() async throws {
        try await ConsoleWorld.run { world in
            try await world.owner.query(
                """
                SELECT piste.append(k.id, 'somebody', NULL, NULL, 'company.note', 'company', NULL)
                FROM piste.company k, generate_series(1, 2300) WHERE k.url_id = 'awesome'
                """)
            try await world.owner.query("SELECT piste.seal()")
            let csv = try await world.piste("audit", "show", "awesome", "--limit", "5000", "--format", "csv")
            let shown = CommaSeparated.column("seq", of: csv.output)
            let numbers = shown.compactMap { Int($0) }
            #expect(numbers.last == 1)
            #expect(Set(numbers).count == numbers.count)
            #expect(numbers.count == numbers.first)
            #expect(numbers.count > 2300)
            #expect(shown.count == numbers.count + 1, "the reading itself is not sealed yet")
            let cut = try await world.piste("audit", "show", "awesome", "--limit", "1500", "--format", "csv")
            #expect(CommaSeparated.column("seq", of: cut.output).count == 1500)
        }
    }
}
