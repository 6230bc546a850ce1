import FoundationEssentials
import Postgres
import Signing
import Tenancy
import TestSupport
import Testing
import Text

/// A deleted company is gone whole, and one record of the engine's trail says so.
struct DeletionTests {
    /// The record of the deletion, as a certificate holds it.
    private struct Certified: Decodable {
        var seq, at_us: Int64
        var actor, action, resource: String
        var subject, context, detail, values_hash: String?
        var previous_hash, hash: String

        var chained: ChainedRecord? {
            guard let previous = Hexadecimal.bytes(previous_hash), let own = Hexadecimal.bytes(hash) else {
                return nil
            }
            return ChainedRecord(
                seq: seq, atMicroseconds: at_us, actor: actor, subject: subject, context: context,
                action: action, resource: resource, detail: detail, valuesHash: values_hash,
                previousHash: previous, hash: own)
        }
    }

    /// What a certificate holds.
    private struct Certificate: Decodable {
        struct Statement: Decodable {
            var company: String
            var url_id: String
            var rows: [String: Int]
            var audit_entries: Int
            var audit_hash: String
            var keys_destroyed: [String]
            var contexts_ended: Int
            var archive: String?
        }

        var states: Statement
        var record: Certified

        init(_ certificate: DeletionCertificate) throws {
            self = try JSONDecoder().decode(Self.self, from: Data(certificate.json.utf8))
        }
    }

    @Test func leavesItsRolesToACopyInTheSameCluster() async throws {
        try await EngineWorld.run { world in
            try await EngineWorld.run { other in
                // Tests' databases are copies of one; this one is where the engine is at home.
                try await world.owner.query("UPDATE piste.home SET database = piste.this_database()")
                // As a restored dump leaves it: what is in the copy depends on the same role.
                let role = "\(world.globex)_reader"
                try await other.owner.query("CREATE SCHEMA copied")
                try await other.owner.query("GRANT USAGE ON SCHEMA copied TO \(role)")
                let bob = try await world.connect(world.bob)
                #expect(try await bob.refusal("delete_company('globex', 'globex')") == nil)
                let left = try await world.owner.value(
                    """
                    SELECT string_agg(m.member::regrole::text, ' ') FROM pg_auth_members m
                    WHERE m.roleid = 'piste_operators'::regrole AND starts_with(m.member::regrole::text, '\(world.globex)')
                    """)
                #expect(left == role)
                try await other.owner.query("DROP SCHEMA copied")
                try await world.owner.query("DROP ROLE \(role)")
                await bob.close()
            }
        }
    }

    @Test func leavesACertificateThatAnybodyCanHash() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            let key = try await world.owner.value(
                "SELECT kid FROM piste.signing_key k JOIN piste.company c ON c.id = k.company WHERE url_id = 'acme'"
            )
            let id = try await world.owner.value("SELECT id FROM piste.company('acme')")
            let client = try await world.adminClient()
            let deleted = try await client.deleteCompany("acme", confirmation: "acme")
            let certificate = try Certificate(deleted)
            let chained = try #require(certificate.record.chained)
            #expect(chained.computedHash() == chained.hash)
            #expect(certificate.record.action == "company.delete")
            #expect(certificate.record.actor == world.bob)
            #expect(
                try await world.owner.value(
                    "SELECT encode(hash, 'hex') FROM piste_test.trail('piste') WHERE seq = \(certificate.record.seq)"
                )
                    == certificate.record.hash)
            let states = certificate.states
            #expect(states.rows == ["users": EngineWorld.users, "journeys": 5, "journey_steps": 0])
            #expect(states.company == id && states.url_id == "acme")
            #expect(states.keys_destroyed == [key])
            #expect(states.contexts_ended == 1)
            #expect(states.archive == nil)
            // It tells which company it was, and nothing that the company had.
            #expect(!deleted.json.contains("Acme") && !deleted.json.contains("User"))
            #expect(try await !world.backendLives(alice.backendPID))
            #expect(try await world.traces("acme", world.acme) == [0, 0, 0, 0])
            #expect(try await client.deletionCertificates("acme") == [deleted])
            #expect(try await client.deletionCertificates("globex") == [])
            await client.close()
            let support = try await world.adminClient(world.alice)
            await #expect(throws: TenancyError.self) { try await support.deletionCertificates("acme") }
            await #expect(throws: TenancyError.self) {
                try await support.deleteCompany("globex", confirmation: "globex")
            }
            await support.close()
            #expect(try await world.traces("globex", world.globex) == [1, 1, 3, 1])
        }
    }

    @Test func killsOldTokensForEver() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let unused = try await alice.token("acme").text
            let other = try await alice.token("globex").text
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("delete_company('acme', 'acme')") == nil)
            #expect(try await alice.enter(unused) == "token_unknown_key")
            #expect(try await bob.refusal("create_company('Acme again', 'acme', 'okta')") == nil)
            #expect(try await alice.enter(unused) == "token_unknown_key")
            #expect(try await alice.enter(other) == nil)
            #expect(try await alice.enter(try await alice.token("acme").text) == nil)
            await alice.close()
            await bob.close()
        }
    }

    @Test func takesOnlyAnArchiveThatHoldsTheRowsAsTheyAre() async throws {
        try await EngineWorld.run { world in
            try await withTemporaryDirectory { folder in
                let stale = try await world.export("acme", to: folder + "/a.tar").digest
                let (shop, _) = try await world.inside("acme", as: world.shop)
                try await shop.declare()
                try await shop.query("UPDATE users SET name = 'Changed' WHERE id = 1")
                let bob = try await world.connect(world.bob)
                let delete = "delete_company('acme', 'acme', $1)"
                #expect(try await bob.refusal(delete, [.text(stale)]) == "archive_stale")
                #expect(try await world.backendLives(shop.backendPID))
                #expect(
                    try await bob.refusal(delete, [.text(String(repeating: "0", count: 64))])
                        == "unknown_archive")
                let foreign = try await world.export("globex", to: folder + "/g.tar").digest
                #expect(try await bob.refusal(delete, [.text(foreign)]) == "unknown_archive")
                #expect(try await world.traces("acme", world.acme) == [1, 1, 3, 1])
                let fresh = try await world.export("acme", to: folder + "/b.tar").digest
                // Reading changes nothing.
                try await shop.declare()
                #expect(try await bob.refusal(delete, [.text(fresh)]) == nil)
                let states = try await world.owner.value(
                    "SELECT detail ->> 'archive' FROM piste_test.trail('piste') WHERE action = 'company.delete'"
                )
                #expect(states == fresh)
                #expect(try await world.restore(folder + "/b.tar", "acme").rows == EngineWorld.users + 5)
                await bob.close()
                await shop.close()
            }
        }
    }

    /// A reader of the owner's holds up the deletion in its middle, where its backend is ended.
    @Test func isAllOrNothingWhenItsBackendDies() async throws {
        try await EngineWorld.run { world in
            for table in ["users", "journeys", "journey_steps"].map({ "\(world.acme).\($0)" }) {
                let blocker = try await world.database.superuser()
                try await blocker.query("BEGIN")
                try await blocker.query("LOCK TABLE \(table) IN ACCESS SHARE MODE")
                let bob = try await world.connect(world.bob)
                let pid = bob.backendPID
                let deletion = Task { await bob.sqlState("SELECT piste.delete_company('acme', 'acme')") }
                #expect(
                    try await eventually {
                        try await world.owner.number(
                            "SELECT count(*) FROM pg_locks WHERE pid = \(pid) AND NOT granted") > 0
                    })
                try await world.owner.query("SELECT pg_terminate_backend(\(pid), 5000)")
                #expect(await deletion.value == "57P01")
                try await blocker.query("COMMIT")
                await blocker.close()
                #expect(try await world.traces("acme", world.acme) == [1, 1, 3, 1], "\(table)")
                #expect(
                    try await world.owner.number(
                        "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'company.delete'")
                        == 0)
                #expect(
                    try await world.owner.number(
                        """
                        SELECT count(*) FROM pg_class WHERE relnamespace = '\(world.acme)'::regnamespace
                            AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity
                        """) == 3)
                #expect(try await world.owner.value("SELECT ok FROM piste.verify_audit('acme')") == "t")
                let (alice, _) = try await world.inside("acme", as: world.alice)
                try await alice.declare()
                #expect(try await alice.count("users") == EngineWorld.users)
                await alice.close()
            }
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("delete_company('acme', 'acme')") == nil)
            #expect(try await world.traces("acme", world.acme) == [0, 0, 0, 0])
            await bob.close()
        }
    }
}
