import Postgres
import Tenancy
import TestSupport
import Testing

/// What an export wrote comes back whole, into a company of its own, or not at all.
struct RestoreTests {
    @Test(arguments: ArchiveFormat.allCases)
    func bringsBackEveryByte(format: ArchiveFormat) async throws {
        try await EngineWorld.run { world in
            try await world.fillAcme()
            // The highest id that was ever used is gone: it must not be used again.
            try await world.owner.query(
                "SELECT setval(pg_get_serial_sequence('\(world.acme).users', 'id'), 90000)")
            try await withTemporaryDirectory { folder in
                let receipt = try await world.export("acme", to: folder + "/a.tar", format)
                let outcome = try await world.restore(folder + "/a.tar", "copy")
                #expect(outcome.rows == receipt.manifest.tables.reduce(0) { $0 + $1.rows })
                try await world.export("copy", to: folder + "/b.tar", format)
                let before = members(of: read(folder + "/a.tar"))
                let after = members(of: read(folder + "/b.tar"))
                for table in ["users", "journeys", "journey_steps"] {
                    let name = "data/\(table).\(format.rawValue)"
                    #expect(before[name]?.isEmpty == false)
                    #expect(before[name] == after[name], "\(name)")
                }
                let home = try await world.home("copy")
                for table in ["users", "journeys", "journey_steps"] {
                    let columns = "SELECT * FROM \(home).\(table) EXCEPT SELECT * FROM \(world.acme).\(table)"
                    #expect(try await world.owner.query(columns).isEmpty, "\(table)")
                }
                let (shop, _) = try await world.inside("copy", as: world.shop)
                try await shop.declare("users")
                let id = try await shop.number(
                    "INSERT INTO users (email, name) VALUES ('n@x', 'N') RETURNING id")
                #expect(id == 90001)
                await shop.close()
            }
        }
    }

    @Test func beginsATrailOfItsOwnThatSaysWhereItCameFrom() async throws {
        try await EngineWorld.run { world in
            try await withTemporaryDirectory { folder in
                _ = try await world.owner.refusal(
                    "set_company_policy('acme', 'denied', 10, true, 'SUP-[0-9]+', 'read-only')")
                let receipt = try await world.export("acme", to: folder + "/a.tar")
                let outcome = try await world.restore(folder + "/a.tar", "copy")
                let home = try await world.home("copy")
                #expect(
                    try await world.owner.value(
                        "SELECT string_agg(action, ' ' ORDER BY seq) FROM piste_test.trail('\(home)')")
                        == "company.create company.restore")
                let record = try await world.lastRecord("company.restore", in: home)
                for part in [
                    outcome.digest, receipt.manifest.company.id, "acme", receipt.manifest.trail.hash,
                ] {
                    #expect(record.contains(part), "\(part)")
                }
                #expect(outcome.digest == receipt.digest)
                #expect(try await world.owner.value("SELECT ok FROM piste.verify_audit('copy')") == "t")
                #expect(
                    try await world.owner.value(
                        """
                        SELECT concat_ws(' ', impersonation, max_minutes, ticket_required, ticket_pattern, rights)
                        FROM piste.company('copy')
                        """) == "denied 10 t SUP-[0-9]+ read")
                // Another company in every respect: another number, other roles, another key.
                #expect(
                    try await world.owner.number("SELECT count(DISTINCT kid) FROM piste.signing_key") == 3)
                let (alice, _) = try await world.inside("copy", as: world.alice)
                try await alice.declare()
                #expect(try await alice.count("users") == EngineWorld.users)
                #expect(await alice.sqlState("SELECT * FROM \(world.acme.windows).users") == "42501")
                await alice.close()
            }
        }
    }

    @Test func growsALargeCompanyAtOnce() async throws {
        try await EngineWorld.run { world in
            try await world.fillAcme(users: 5000)
            try await withTemporaryDirectory { folder in
                try await world.export("acme", to: folder + "/a.tar")
                _ = try await world.restore(folder + "/a.tar", "copy")
                let home = try await world.home("copy")
                #expect(
                    try await !world.owner.value("SELECT to_regclass('\(home).users_by_fragment')").isEmpty)
            }
        }
    }

    @Test func isForASuperuserOnly() async throws {
        try await EngineWorld.run { world in
            try await withTemporaryDirectory { folder in
                write(ForgedArchive().bytes(), to: folder + "/a.tar")
                for login in [world.bob, world.alice] {
                    await #expect(throws: TenancyError.self) {
                        try await world.restore(folder + "/a.tar", "copy", as: login)
                    }
                }
                #expect(try await world.home("copy").isEmpty)
                #expect(try await world.restore(folder + "/a.tar", "copy").rows == 3)
                let home = try await world.home("copy")
                #expect(
                    try await world.owner.number(
                        "SELECT nextval(pg_get_serial_sequence('\(home).users', 'id'))") == 41)
                do {
                    _ = try await world.restore(folder + "/a.tar", "copy")
                    Issue.record("restored over a company")
                } catch let error as TenancyError {
                    #expect(error.refusalCode == "company_exists")
                }
            }
        }
    }

    @Test func takesNoArchiveThatItCannotHold() async throws {
        try await EngineWorld.run { world in
            var cases: [(String, ArchiveError.Code, ForgedArchive)] = []
            func add(_ name: String, _ code: ArchiveError.Code, _ change: (inout ForgedArchive) -> Void) {
                var archive = ForgedArchive()
                change(&archive)
                cases.append((name, code, archive))
            }
            let journey =
                #"{"id":7,"user_id":999,"name":"J","status":"running","current_step":1,"started_at":"2026-01-01","updated_at":"2026-01-01"}"#
            add("newer blueprint", .unsupported) { $0.manifest["blueprint_version"] = "1000" }
            add("unknown table", .unsupported) {
                $0.manifest["last_ids"] = "{}"
                $0.manifest["tables"] =
                    #"[{"name":"orders","columns":["id"],"rows":2},{"name":"journeys","columns":["id"],"rows":1}]"#
                $0.members[1].name = "data/orders.jsonl"
            }
            add("the trail as a table", .unsupported) {
                $0.manifest["last_ids"] = "{}"
                $0.manifest["tables"] =
                    #"[{"name":"trail","columns":["seq"],"rows":2},{"name":"journeys","columns":["id"],"rows":1}]"#
                $0.members[1].name = "data/trail.jsonl"
            }
            add("unknown column", .unsupported) {
                $0.manifest["tables"] =
                    #"[{"name":"users","columns":["id","salary"],"rows":2},{"name":"journeys","columns":["id"],"rows":1}]"#
            }
            add("generated column", .unsupported) {
                $0.manifest["tables"] =
                    #"[{"name":"users","columns":["id","search_text"],"rows":2},{"name":"journeys","columns":["id"],"rows":1}]"#
            }
            cases.append(("orphans", .damaged, ForgedArchive(journeys: [journey])))
            cases.append(("no JSON", .damaged, ForgedArchive(journeys: ["{\"id\":"])))
            cases.append(("missing values", .damaged, ForgedArchive(journeys: ["{\"id\":1}"])))
            cases.append(("end of data", .damaged, ForgedArchive(journeys: ["\\."])))
            cases.append(
                ("twice the same", .damaged, ForgedArchive(users: [String](repeating: "{}", count: 2))))
            cases.append(("unreadable bytes", .damaged, ForgedArchive(journeys: ["{\"id\": \"\u{1}x\"}"])))
            try await withTemporaryDirectory { folder in
                for (name, code, archive) in cases {
                    write(archive.bytes(), to: folder + "/a.tar")
                    do {
                        _ = try await world.restore(folder + "/a.tar", "copy")
                        Issue.record("\(name) was restored")
                    } catch let error as ArchiveError {
                        #expect(error.code == code, "\(name): \(error)")
                    }
                    #expect(try await world.home("copy").isEmpty, "\(name)")
                    #expect(try await world.strays() == [0, 0], "\(name)")
                }
            }
        }
    }

    /// The first pieces are in when the backend dies, at several points of the way.
    @Test(arguments: [1, 2, 4, 5])
    func leavesNothingWhenItsBackendDies(step: Int) async throws {
        try await EngineWorld.run { world in
            try await world.fillAcme(users: 4000)
            try await withTemporaryDirectory { folder in
                try await world.export("acme", to: folder + "/a.tar")
                let act = Once(
                    at: step,
                    world.byPsql(
                        """
                        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'COPY%FROM STDIN%'
                        """))
                do {
                    _ = try await world.restore(folder + "/a.tar", "copy") { _ in act.step() }
                    Issue.record("the restore went on")
                } catch let error as TenancyError {
                    #expect(error.code == .unreachable, "\(error)")
                }
                #expect(try await world.home("copy").isEmpty)
                #expect(try await world.strays() == [0, 0])
                let outcome = try await world.restore(folder + "/a.tar", "copy")
                let home = try await world.home("copy")
                #expect(
                    try await world.owner.count("\(home).users") == 4000 + EngineWorld.users
                        + EngineWorld.hostile.count)
                #expect(outcome.urlID == "copy")
            }
        }
    }
}
