import Postgres
import Tenancy
import TestSupport
import Testing

/// An export goes through the front door, and what it writes is one moment of the company, or nothing.
struct ExportTests {
    @Test func isForAnAdminInAContextOnly() async throws {
        try await EngineWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                let (other, _) = try await world.inside("acme", as: login)
                #expect(try await other.refusal("export_company('jsonl')") == "not_allowed")
                try await other.declare("users,journeys,journey_steps,audit")
                #expect(await other.sqlState("SELECT * FROM piste.open_export()") == "PT403")
                #expect(await other.sqlState("SELECT * FROM piste.export_facts()") == "PT403")
                #expect(await other.sqlState("SELECT * FROM piste.export_records(0, 99)") == "PT403")
                #expect(
                    await other.sqlState("SELECT piste.finish_export(repeat('a', 64), 1, '{}')") == "PT403")
                await other.close()
            }
            #expect(try await world.lastRecord("company.refused", in: world.acme).contains("export"))
            let bob = try await world.connect(world.bob)
            #expect(await bob.sqlState("SELECT * FROM piste.export_company()") == "PT401")
            #expect(await bob.sqlState("SELECT * FROM piste.open_export()") == "PT401")
            #expect(await bob.sqlState("SELECT * FROM piste.export_records(0, 99)") == "PT401")
            await bob.close()
            let (admin, _) = try await world.inside("acme", as: world.bob)
            #expect(await admin.sqlState("SELECT * FROM piste.export_company('xml')") == "PT400")
            #expect(await admin.sqlState("SELECT piste.finish_export(repeat('a', 64), 1, '{}')") == "PT409")
            #expect(try await admin.refusal("export_company('jsonl')") == nil)
            #expect(try await admin.query("SELECT * FROM piste.open_export()").count == 3)
            #expect(await admin.sqlState("SELECT piste.finish_export('abc', 1, '{}')") == "PT400")
            // The engine's own helpers are not for clients.
            for call in [
                "archive_problem(gen_random_uuid(), 'x')", "certificate_of(1)",
                "count_last_rows('\(world.acme)')",
                "record_restore('acme', '{}', 1, '{}')", "check_restored('\(world.acme)', '{}')",
            ] {
                #expect(await admin.sqlState("SELECT piste.\(call)") == "42501", "\(call)")
            }
            await admin.close()
        }
    }

    @Test func commitsItsRecordBeforeItReads() async throws {
        try await EngineWorld.run { world in
            let (bob, _) = try await world.inside("acme", as: world.bob)
            #expect(await bob.sqlState("SELECT * FROM piste.open_export()") == "PT410")
            try await bob.query("BEGIN")
            #expect(try await bob.refusal("export_company()") == nil)
            #expect(await bob.sqlState("SELECT * FROM piste.open_export()") == "PT410")
            try await bob.query("ROLLBACK")
            #expect(await bob.sqlState("SELECT * FROM piste.open_export()") == "PT410")
            #expect(try await bob.refusal("export_company()") == nil)
            #expect(
                try await bob.query("SELECT first_line FROM piste.open_export()")[0].string(0).contains(
                    "u1@acme"))
            // A declaration that is too old closes every gate: that must not look like three empty tables.
            try await world.owner.query(
                "UPDATE piste.declaration SET declared_at = declared_at - interval '11 s'")
            #expect(await bob.sqlState("SELECT * FROM piste.open_export()") == "PT410")
            await bob.close()
        }
    }

    @Test func showsOneMomentWhateverHappensMeanwhile() async throws {
        try await EngineWorld.run { world in
            let (bob, _) = try await world.inside("acme", as: world.bob)
            let (shop, _) = try await world.inside("acme", as: world.shop)
            #expect(try await bob.refusal("export_company()") == nil)
            try await bob.query("BEGIN")
            let opened = try await bob.query("SELECT * FROM piste.open_export()")
            let head = try opened[0].int("head_seq")
            try await shop.declare("users,journeys")
            try await shop.query("INSERT INTO users (email, name) VALUES ('late@acme.example', 'Late')")
            try await shop.query("UPDATE journeys SET name = 'Changed later'")
            try await shop.query("DELETE FROM users WHERE email = 'u20@acme.example'")
            let users = try await bob.query("FETCH ALL FROM export_users").map { try $0.string(0) }
            let journeys = try await bob.query("FETCH ALL FROM export_journeys").map { try $0.string(0) }
            #expect(users.count == EngineWorld.users - 1)
            #expect(users.contains { $0.contains("u20@acme") })
            #expect(!journeys.isEmpty && journeys.allSatisfy { $0.contains("Onboarding") })
            let trail = try await bob.query(
                "SELECT to_jsonb(r)::text FROM piste.export_records(0, \(head)) r")
            #expect(trail.count == head)
            #expect(try trail.allSatisfy { try !$0.string(0).contains("late@") })
            try await bob.query("COMMIT")
            #expect(try await bob.refusal("export_company()") == nil)
            try await bob.query("SELECT piste.seal()")
            try await bob.query("BEGIN")
            #expect(try await bob.query("SELECT * FROM piste.open_export()")[0].int("head_seq") > head)
            let after = try await bob.query("FETCH ALL FROM export_users").map { try $0.string(0) }
            #expect(after.contains { $0.contains("late@") } && !after.contains { $0.contains("u20@") })
            await bob.close()
            await shop.close()
        }
    }

    @Test func isRecordedWithItsDigest() async throws {
        try await EngineWorld.run { world in
            try await withTemporaryDirectory { folder in
                let receipt = try await world.export("acme", to: folder + "/a.tar")
                #expect(try ArchiveReader(folder + "/a.tar").verify() == receipt.digest)
                let record = try await world.lastRecord("company.export.done", in: world.acme)
                #expect(record.contains(receipt.digest))
                #expect(record.contains(world.bob))
                #expect(receipt.manifest.exported.by == world.bob)
                #expect(receipt.manifest.tables.map(\.rows) == [EngineWorld.users, 5, 0])
                let text = String(decoding: read(folder + "/a.tar"), as: UTF8.self)
                #expect(text.contains("u1@acme.example") && !text.contains("globex"))
                #expect(names(in: folder) == ["a.tar"])
            }
        }
    }

    enum End: CaseIterable {
        case expiry, suspension, revocation, terminatedBackend, deletedCompany
    }

    @Test(arguments: End.allCases)
    func leavesNothingWhenItsContextEndsInTheMiddle(end: End) async throws {
        try await EngineWorld.run { world in
            try await world.fillAcme(users: 5000)
            try await withTemporaryDirectory { folder in
                let session = try await world.adminSession("acme")
                let jti = session.context.jti
                let sql =
                    switch end {
                    case .expiry:
                        "UPDATE piste.context SET expires_at = clock_timestamp() WHERE jti = '\(jti)'"
                    case .suspension: "SELECT piste.suspend_company('acme')"
                    case .revocation: "SELECT piste.end_context('\(jti)', 'enough')"
                    case .terminatedBackend:
                        "SELECT pg_terminate_backend(backend_pid, 5000) FROM piste.context WHERE jti = '\(jti)'"
                    case .deletedCompany: "SELECT piste.delete_company('acme', 'acme')"
                    }
                let act = Once(at: 3, world.byPsql(sql))
                do {
                    _ = try await session.export(to: folder + "/a.tar") { _ in act.step() }
                    Issue.record("the export went on")
                } catch let error as TenancyError {
                    #expect(error.code == .contextEnded, "\(error)")
                    #expect(error.message.contains("nothing of it was kept"))
                }
                await session.leave()
                #expect(names(in: folder) == [])
                guard end != .deletedCompany else { return }
                if end == .suspension { _ = try await world.owner.refusal("resume_company('acme')") }
                let receipt = try await world.export("acme", to: folder + "/a.tar")
                #expect(
                    receipt.manifest.tables[0].rows == 5000 + EngineWorld.users + EngineWorld.hostile.count)
            }
        }
    }

    @Test func stopsWhenItIsCancelled() async throws {
        try await EngineWorld.run { world in
            try await world.fillAcme(users: 5000)
            try await withTemporaryDirectory { folder in
                let session = try await world.adminSession("acme")
                let path = folder + "/a.tar"
                let task = Task {
                    try await session.export(to: path) { _ in withUnsafeCurrentTask { $0?.cancel() } }
                }
                switch await task.result {
                case .success: Issue.record("the export went on")
                case .failure(let error): #expect((error as? TenancyError)?.code == .cancelled, "\(error)")
                }
                await session.leave()
                #expect(names(in: folder) == [])
            }
        }
    }
}
