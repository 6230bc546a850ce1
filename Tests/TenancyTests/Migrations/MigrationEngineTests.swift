import Postgres
import Tenancy
import TestSupport
import Testing

/// One company's way to the newest blueprint: whole or not at all, recorded, and never in anybody's way.
struct MigrationEngineTests {
    @Test func aMigratedCompanyIsBuiltLikeANewOne() async throws {
        try await MigrationWorld.run { world in
            let client = try await world.client()
            try await world.owner.query(
                "SELECT piste.grow(id) FROM piste.company WHERE url_id = 'company-2'")
            let old = try await world.digest("company-1")
            #expect(try await world.digest("company-3") == old)
            #expect(try await world.digest("company-2") != old)
            for urlID in ["company-1", "company-2"] {
                let outcome = try await client.migrateCompany(urlID)
                #expect(
                    outcome.state == .done && outcome.from == 1 && outcome.target == MigrationWorld.newest)
            }
            try await world.create("fresh")
            try await world.create("fresh-and-large")
            try await world.owner.query(
                "SELECT piste.grow(id) FROM piste.company WHERE url_id = 'fresh-and-large'")
            #expect(try await world.digest("company-1") == world.digest("fresh"))
            #expect(try await world.digest("company-2") == world.digest("fresh-and-large"))
            #expect(try await world.digest("company-1") != old)
            #expect(try await client.migrateCompany("company-1").wasCurrent)
            #expect(try await world.owner.count("\(world.home("company-1")).journeys") == 2)
            let records = try await world.owner.query(
                "SELECT detail::text FROM piste_test.trail('\(world.home("company-1"))') WHERE action = 'company.migrate' ORDER BY seq"
            ).map { try $0.string(0) }
            #expect(
                records
                    == (2...MigrationWorld.newest).map {
                        #"{"to": \#($0), "from": \#($0 - 1), "blueprint": "owner \#($0)"}"#
                    })
            #expect(try await client.verifyAudit(of: "company-1").isIntact)
        }
    }

    @Test func onlyAnAdminMigrates() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let alice = try await world.database.connect(as: world.support)
            #expect(try await alice.refusal("migrate_company('company-1')") == "not_allowed")
            #expect(try await alice.refusal("migrations()") == "not_allowed")
            #expect(try await alice.refusal("fleet()") == "not_allowed")
            #expect(try await world.version("company-1") == 1)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.home("company-1"))') WHERE action = 'company.refused'"
                )
                    == 1
            )
            let bob = try await world.database.connect(as: world.admin)
            #expect(try await bob.refusal("migrate_company('nobody')") == "unknown_company")
            #expect(await bob.sqlState("SELECT piste.migrate_company(NULL)") == "PT400")
            #expect(await bob.sqlState("SELECT piste.migrate_company('company-1', 0)") == "PT400")
            #expect(try await bob.refusal("migrate_company('company-1')") == nil)
            #expect(try await world.version("company-1") == MigrationWorld.newest)
        }
    }

    @Test func theFleetIsPagedByStateBothWays() async throws {
        try await MigrationWorld.run(companies: 7) { world in
            let client = try await world.client()
            for urlID in ["company-2", "company-5"] {
                try await world.spoil(urlID)
                #expect(try await client.migrateCompany(urlID).state == .failed)
            }
            #expect(try await client.migrateCompany("company-3").state == .done)
            let states: [(CompanyMigration.State?, [Int])] = [
                (nil, Array(1...7)), (.failed, [2, 5]), (.done, [3]), (.pending, [1, 4, 6, 7]),
                (.running, []),
                (.waiting, []),
            ]
            for (state, numbers) in states {
                let names = numbers.map { "company-\($0)" }
                for limit in [1, 2, 10] {
                    let (forward, backward) = try await walk(limit: limit, anchor: \CompanyMigration.urlID) {
                        try await client.migrations(in: state, $0)
                    }
                    #expect(forward.map(\.urlID) == names)
                    #expect(backward == forward)
                    #expect(forward.allSatisfy { state == nil || $0.state == state })
                }
            }
            for (from, first) in [
                ("company-4", "company-4"), ("company-4a", "company-5"), ("a", "company-1"),
            ] {
                let page = try await client.migrations(in: nil, PageRequest(.from(from), limit: 2))
                #expect(page.rows.first?.urlID == first)
            }
            let failed = try await client.migrations(in: .failed, PageRequest(limit: 1))
            #expect(failed.hasMore)
            #expect(failed.rows.first?.failure?.sqlState == "23514")
            for (filter, numbers) in [
                ("company-5", [5]), ("!COMPANY-5", [1, 2, 3, 4, 6, 7]), ("23514", [2, 5]),
                ("/^company-[34]$/", [3, 4]),
                ("nobody", []),
            ] {
                let (forward, backward) = try await walk(limit: 2, anchor: \CompanyMigration.urlID) {
                    try await client.migrations(in: nil, matching: filter, $0)
                }
                #expect(forward.map(\.urlID) == numbers.map { "company-\($0)" }, "\(filter)")
                #expect(backward == forward)
            }
            let bob = try await world.database.connect(as: world.admin)
            #expect(await bob.sqlState("SELECT piste.migrations(search := 'x', matching := 'y')") == "PT400")
            #expect(await bob.sqlState("SELECT piste.migrations(wanted := 'lost')") == "PT400")
            #expect(await bob.sqlState("SELECT piste.migrations(backward := NULL)") == "PT400")
        }
    }

    @Test func aCompanyWhoseRowsForbidItStaysWhatItWas() async throws {
        try await MigrationWorld.run { world in
            try await world.spoil("company-2")
            let before = try await world.digest("company-2")
            let client = try await world.client()
            let outcome = try await client.migrateCompany("company-2")
            #expect(outcome.state == .failed)
            #expect(outcome.failure?.sqlState == "23514")
            #expect(try await world.version("company-2") == 1)
            #expect(try await world.digest("company-2") == before)
            let entry = try #require(
                try await client.migrations(behind: true).first { $0.urlID == "company-2" })
            #expect(entry.state == .failed && entry.version == 1 && entry.attempts == 1)
            #expect(entry.doneBy == world.admin)
            #expect(entry.failure == outcome.failure)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.home("company-2"))') WHERE action = 'company.migrate_failed'"
                )
                    == 1)
            // It is as usable as before, and mended it goes through.
            try await world.mend("company-2")
            #expect(try await client.migrateCompany("company-2").state == .done)
            let mended = try await client.migrations().first { $0.urlID == "company-2" }
            #expect(mended?.state == .done && mended?.failure == nil)
            // It stumbled over one of the versions on its way; the others were tried once.
            #expect(
                try await world.owner.number(
                    """
                    SELECT max(attempts) FROM piste.migration m JOIN piste.company c ON c.id = m.company
                    WHERE c.url_id = 'company-2'
                    """) == 2)
        }
    }

    @Test func theLedgerHoldsNoValueOfARow() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            _ = try await BlueprintRegistration(connection: world.owner).register(
                "ALTER TABLE {schema}.users ADD COLUMN n integer; UPDATE {schema}.users SET n = name::integer;",
                origin: "owner n.sql")
            let outcome = try await world.client().migrateCompany("company-1")
            #expect(outcome.state == .failed && outcome.failure?.sqlState == "22P02")
            #expect(outcome.failure?.message == "invalid input syntax for type integer")
            // The engine's own versions went through, the owner's did not: it is none of them.
            #expect(try await world.version("company-1") == 1)
        }
    }

    @Test func aMigrationReachesTheRowsAndTheirChangesAreRecorded() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            _ = try await BlueprintRegistration(connection: world.owner).register(
                "ALTER TABLE {schema}.users ADD COLUMN nick varchar(60); UPDATE {schema}.users SET nick = 'x' || id;",
                origin: "owner nick.sql")
            #expect(try await world.client().migrateCompany("company-1").state == .done)
            let home = try await world.home("company-1")
            #expect(
                try await world.owner.value("SELECT string_agg(nick, ' ' ORDER BY id) FROM \(home).users")
                    == "x1 x2 x3")
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = 'users.update'") == 3)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_class WHERE oid = '\(home).users'::regclass AND relforcerowsecurity"
                ) == 1)
        }
    }

    @Test func aCompanyInUseIsLeftAloneAndNobodyIsThrownOut() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let inside = try await world.database.connect(as: world.support)
            _ = try await inside.enter(try await inside.token("company-1").text)
            try await inside.declare("users,journeys")
            try await inside.query("PREPARE held AS SELECT count(*) FROM journeys")
            #expect(try await inside.number("EXECUTE held") == 2)
            try await inside.query("BEGIN")
            try await inside.query("DECLARE c CURSOR FOR SELECT id FROM journeys")
            #expect(try await inside.query("FETCH 1 FROM c").count == 1)

            let client = try await world.client()
            let outcome = try await client.migrateCompany("company-1", patience: .milliseconds(50))
            #expect(outcome.state == .waiting && outcome.failure?.sqlState == "55P03")
            #expect(try await client.fleet().map(\.state) == [.waiting])
            #expect(try await world.version("company-1") == 1)
            // The reader goes on reading, and goes on after the migration, prepared statement and all.
            #expect(try await inside.query("FETCH 1 FROM c").count == 1)
            try await inside.query("COMMIT")
            #expect(try await client.migrateCompany("company-1").state == .done)
            try await inside.declare("users,journeys")
            #expect(try await inside.number("EXECUTE held") == 2)
            #expect(try await inside.count("users") == 3)
        }
    }

    @Test func aRehearsalKeepsNothing() async throws {
        try await MigrationWorld.run { world in
            try await world.spoil("company-2")
            let before = try await world.picture()
            let client = try await world.client()
            #expect(try await client.migrateCompany("company-1", rehearsal: true).state == .done)
            #expect(try await client.migrateCompany("company-2", rehearsal: true).state == .failed)
            #expect(try await world.picture() == before)
            #expect(try await world.owner.count("piste.migration") == 0)
            #expect(
                try await client.fleet() == [
                    FleetShare(version: 1, target: MigrationWorld.newest, state: .pending, companies: 3)
                ]
            )
        }
    }

    @Test func aSuspendedCompanyIsMigratedToo() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let client = try await world.client()
            try await client.suspendCompany("company-1")
            #expect(try await client.migrateCompany("company-1").state == .done)
            #expect(try await client.company("company-1").status == .suspended)
        }
    }

    @Test func aCompanyThatWasTamperedWithIsNotCarriedOn() async throws {
        try await MigrationWorld.run(companies: 1) { world in
            let home = try await world.home("company-1")
            try await world.owner.query("GRANT SELECT ON \(home).users TO piste_operators")
            let outcome = try await world.client().migrateCompany("company-1")
            #expect(outcome.state == .failed && outcome.failure?.sqlState == "PT422")
            #expect(outcome.failure?.message.contains("piste_operators") == true)
            #expect(try await world.version("company-1") == 1)
        }
    }

    @Test func clientsReadCompaniesOfBothVersions() async throws {
        try await MigrationWorld.run(companies: 2) { world in
            let admin = try await world.client()
            _ = try await admin.migrateCompany("company-2")
            let client = try await world.client(world.support)
            for urlID in ["company-1", "company-2"] {
                let token = try await client.impersonateCompany(urlID, reason: "both versions")
                let session = try await client.enter(token)
                let users = try await session.users(PageRequest(limit: 2))
                #expect(users.rows.map(\.name) == ["User 1", "User 2"] && users.hasMore)
                #expect(try await session.users(matching: "ser 3").rows.count == 1)
                let journeys = try await session.journeys(status: .running)
                #expect(journeys.rows.count == 2)
                #expect(try await session.steps(of: journeys.rows.map(\.id)).count == 2)
                #expect(try await session.overview().journeysByStatus == [.running: 2])
                await session.leave()
            }
            #expect(try await world.version("company-1") == 1)
            #expect(try await world.version("company-2") == MigrationWorld.newest)
        }
    }
}
