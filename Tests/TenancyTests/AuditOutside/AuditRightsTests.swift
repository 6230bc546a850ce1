import Postgres
import Tenancy
import TestSupport
import Testing

/// Whole trails are for an admin from outside and for whoever is inside, on the record.
struct AuditRightsTests {
    @Test func isRefusedOutsideAndToOtherCompaniesOnTheRecord() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                let outsider = try await world.connect(login)
                for call in [
                    "audit_extent('acme')", "audit_records('acme')", "audit_checkpoint('acme', 'k+00000000')",
                    "audit_extent()", "audit_records()", "audit_checkpoint(NULL, 'k+00000000')",
                ] {
                    #expect(try await outsider.refusal(call) == "not_allowed", "\(call)")
                }
                #expect(try await outsider.query("SELECT * FROM piste.audit_records('acme')").count == 1)
                await outsider.close()
                let (insider, _) = try await world.inside("acme", as: login)
                #expect(try await insider.refusal("audit_extent('acme')") == nil)
                try await world.owner.query("SELECT piste.seal()")
                #expect(try await insider.query("SELECT * FROM piste.audit_records()").count > 1)
                #expect(try await insider.refusal("audit_records('globex')") == "not_allowed")
                #expect(try await insider.refusal("audit_checkpoint('acme', 'k+00000000')") == "not_allowed")
                await insider.close()
            }
            let refused = try await world.owner.number(
                "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'audit.refused' AND actor = $1",
                [.text(world.carol)])
            #expect(refused == 5)
            #expect(try await world.verify("acme").isIntact)
            #expect(try await world.verify("globex").isIntact)
        }
    }

    @Test func recordsAnAdminsReadingPageByPage() async throws {
        try await EngineWorld.run { world in
            let (header, records) = try await world.trail("acme")
            #expect(records.map(\.seq) == Array(1...header.lastSeq))
            let pages = try await world.owner.number(
                "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'audit.read' AND actor = $1 AND detail ? 'export'",
                [.text(world.bob)])
            #expect(pages == (records.count + 6) / 7 + 1, "each page and what there is of them")
            // Inside, the context is the record.
            let before = try await world.owner.count("piste_test.trail('\(world.globex)')")
            let (alice, _) = try await world.inside("globex", as: world.alice)
            try await alice.query("SELECT * FROM piste.audit_records()")
            #expect(try await world.owner.count("piste_test.trail('\(world.globex)')") == before + 2)
            await alice.close()
        }
    }

    @Test func isNotReadInTheTransactionThatEntered() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            try await alice.query("BEGIN")
            #expect(try await alice.enter(token.text) == nil)
            #expect(await alice.sqlState("SELECT * FROM piste.audit_records()") == "PT409")
            try await alice.query("ROLLBACK")
            #expect(try await alice.refusal("audit_records('acme')") == "not_allowed")
            await alice.close()
        }
    }

    @Test func raisesForMisuseAndHidesWhatIsInside() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            for (sql, state) in [
                ("SELECT * FROM piste.audit_records('acme', 0, NULL, 0)", "PT400"),
                ("SELECT * FROM piste.audit_records('acme', 0, NULL, 10001)", "PT400"),
                ("SELECT * FROM piste.audit_records('acme', NULL)", "PT400"),
                ("SELECT * FROM piste.audit_checkpoint('acme', NULL)", "PT400"),
                ("SELECT * FROM piste.audit_checkpoint('acme', 'two words+00000000')", "PT400"),
                ("SELECT * FROM piste.audit_checkpoint('acme', 'name')", "PT400"),
                ("SELECT * FROM piste.readable_trail('acme', 'x')", "42501"),
            ] { #expect(await bob.sqlState(sql) == state, "\(sql)") }
            for call in [
                "audit_extent('nope')", "audit_records('nope')", "audit_checkpoint('nope', 'k+00000000')",
            ] {
                #expect(try await bob.refusal(call) == "unknown_company")
            }
            // Neither what nor how much there is, before the reading is on record.
            for call in ["audit_records('acme')", "audit_extent('acme')", "audit_trail('acme')"] {
                #expect(await bob.sqlState("SELECT * FROM piste.\(call)") == "PT409", "\(call)")
            }
            try await bob.query("SELECT piste.seal()")
            #expect(try await bob.refusal("declare_trail('acme')") == nil)
            #expect(
                try await bob.query("SELECT * FROM piste.audit_records('acme', 0, NULL, 10000)").count > 1)
            await bob.close()
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN")
            let connection = try await world.connect(stranger)
            #expect(await connection.sqlState("SELECT * FROM piste.audit_records('acme')") == "42501")
            await connection.close()
        }
    }

    @Test func cutsByNumberAndByMoment() async throws {
        try await EngineWorld.run { world in
            let (whole, records) = try await world.trail("acme")
            let middle = Timestamp(microseconds: records[9].atMicroseconds)
            try await world.client(world.bob) { client in
                let numbered = try await client.auditHeader(of: "acme", since: .seq(4), until: .seq(9))
                #expect(numbered.firstSeq == 4 && numbered.lastSeq == 9)
                let first = try await client.auditHeader(of: "acme", since: .moment(middle))
                let last = try await client.auditHeader(of: "acme", until: .moment(middle))
                #expect(first.firstSeq == last.lastSeq + 1)
                #expect(records[Int(first.firstSeq) - 1].atMicroseconds == middle.microseconds)
                let beyond = try await client.auditHeader(of: "acme", until: .seq(10_000))
                #expect(beyond.lastSeq >= whole.lastSeq && beyond.lastSeq < 10_000)
                let empty = try await client.auditHeader(
                    of: "acme", since: .moment(Timestamp.now.advanced(by: .seconds(3_600))))
                #expect(empty.firstSeq == empty.lastSeq + 1)
                var part: [ChainedRecord] = []
                try await client.auditRecords(of: "acme", numbered, pageSize: 4) { part += $0 }
                #expect(part == Array(records[3...8]))
                let check = try TrailFixture.check(TrailFixture.lines(part, header: numbered))
                #expect(check.verdict.isIntact && check.first == 4)
                let engine = try await client.auditHeader(of: nil)
                #expect(engine.company == ChainCheck.engine && engine.urlID == nil)
            }
        }
    }
}
