import Postgres
import Tenancy
import TestSupport
import Testing

/// The isolation report: silent while all is well, and naming whatever is broken.
struct IsolationReportTests {
    @Test func aSoundSystemPassesEveryCheck() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            for company in [nil, "acme", "globex"] {
                let report = try await bob.isolationReport(company)
                #expect(report.filter { !$0.passed }.isEmpty, "\(report.filter { !$0.passed })")
                #expect(report.count > 50)
                #expect(Set(report.map(\.id)).count == report.count)
                #expect(report.allSatisfy { !$0.evidence.isEmpty })
            }
            let membership = try await bob.isolationReport().first { $0.id == "memberships.companies" }
            #expect(
                membership?.evidence.contains(world.alice) == true, "an open context is explained by name")
            await bob.close()
        }
    }

    @Test(
        "Whatever is broken is named by the check that it breaks",
        arguments: Array(Set(Sabotage.all.map(\.family))).sorted())
    func sabotage(family: String) async throws {
        try await ProofWorld.run { world in
            for sabotage in Sabotage.all where sabotage.family == family {
                try await world.owner.query("BEGIN")
                try await world.owner.run(script: world.filled(sabotage.sql))
                let report = try await world.owner.isolationReport(
                    structures: ["company.structure", "gate.windows"].contains(sabotage.check))
                let line = try #require(report.first { $0.id == sabotage.check })
                #expect(!line.passed, "\(sabotage)")
                #expect(line.evidence.contains(world.filled(sabotage.named)), "\(sabotage): \(line.evidence)")
                try await world.owner.query("ROLLBACK")
            }
            #expect(try await world.owner.failures().isEmpty)
        }
    }

    @Test func everyCheckHasItsSabotage() async throws {
        try await ProofWorld.run { world in
            let checks = try await world.owner.query("SELECT id FROM piste.proof_checks()").map {
                try $0.string(0)
            }
            // These three are settings of the server, which other tests of this suite break.
            let elsewhere: Set = ["server.durability", "server.settings", "server.libraries"]
            #expect(Set(Sabotage.all.map(\.check)).union(elsewhere) == Set(checks))
        }
    }

    @Test func settingsOfTheServerAreNamed() async throws {
        try await ProofWorld.run { world in
            let name = world.database.name
            try await world.owner.query("ALTER DATABASE \(name) SET row_security = off")
            try await world.owner.query(
                "ALTER DATABASE \(name) SET session_preload_libraries = 'pg_buffercache'")
            try await world.owner.query("ALTER DATABASE \(name) SET synchronous_commit = off")
            try await world.owner.query("ALTER DATABASE \(name) SET temp_file_limit = -1")
            let fresh = try await world.database.superuser()
            try await fresh.query("SET row_security = on")
            let report = try await fresh.isolationReport()
            for (check, named) in [
                ("server.settings", "row_security is off"), ("server.settings", "temp_file_limit is -1"),
                ("server.libraries", "pg_buffercache"),
                ("server.durability", "synchronous_commit is off"),
                ("settings.defaults", "row_security is set to 'off'"),
            ] {
                let line = try #require(report.first { $0.id == check })
                #expect(!line.passed && line.evidence.contains(named), "\(line)")
            }
            await fresh.close()
        }
    }

    /// A cluster that may lose what was committed says so.
    @Test func aCarelessServerIsNamed() async throws {
        try await EngineWorld.run { world in
            let line = try #require(
                try await world.owner.isolationReport("acme").first { $0.id == "server.durability" })
            #expect(!line.passed && line.evidence.contains("fsync is off"))
        }
    }

    @Test func oneCompanyIsReportedWithoutTheOthers() async throws {
        try await ProofWorld.run { world in
            try await world.owner.query("BEGIN")
            try await world.owner.query("CREATE POLICY more ON \(world.acme).users USING (true)")
            try await world.owner.query("ALTER TABLE \(world.acme).users ADD COLUMN extra text")
            #expect(
                try await world.owner.failures("acme").map { $0.prefix { $0 != ":" } }
                    == [
                        "gate.one-policy-per-command", "gate.windows", "company.statistics",
                        "company.structure",
                    ])
            #expect(try await world.owner.failures("globex").isEmpty)
            #expect(try await world.owner.failures().count == 4)
            try await world.owner.query("ROLLBACK")
        }
    }

    @Test func whatCannotBeCheckedFails() async throws {
        try await ProofWorld.run { world in
            try await world.owner.query("BEGIN")
            try await world.owner.query("REVOKE ALL ON piste.signing_key FROM piste_owner")
            let failed = try await world.owner.isolationReport().filter { !$0.passed }
            let gate = try #require(failed.first { $0.id == "gate.enabled-and-forced" })
            #expect(gate.evidence.contains("not checked: permission denied for table signing_key"))
            #expect(failed.contains { $0.id == "engine.tables" && $0.evidence.contains("piste.signing_key") })
            try await world.owner.query("ROLLBACK")
        }
    }

    @Test func onlyAdminsAreTold() async throws {
        try await ProofWorld.run { world in
            for login in [world.alice, world.carol] {
                let other = try await world.connect(login)
                let rows = try await other.query("SELECT * FROM piste.isolation_report('acme')")
                #expect(rows.count == 1)
                #expect(try rows[0].isNull("id") && rows[0].isNull("evidence"))
                #expect(try rows[0].string("refusal").hasPrefix("not_allowed"))
                for call in ["begin_probes()", "proof_facts()", "record_proof(repeat('a', 64), 'all', 1, 0)"]
                {
                    #expect(try await other.refusal(call) == "not_allowed", "\(call)")
                }
                #expect(await other.sqlState("SELECT * FROM piste.prove_roles()") == "42501")
                await other.close()
            }
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('\(world.acme)') WHERE action = 'proof.refused'")
                    == 2)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'proof.refused'") == 6)
            let bob = try await world.connect(world.bob)
            #expect(try await bob.refusal("isolation_report('nowhere')") == "unknown_company")
            await bob.close()
        }
    }

    /// What leaves roles behind, what has grown, and who has just left, is explained.
    @Test func aSystemInUseIsExplained() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            // A role that somebody tied to default privileges outlives its company.
            try await world.owner.query("SELECT * FROM piste.create_company('Gone', 'gone', 'okta')")
            let gone = try await world.owner.value("SELECT schema_name FROM piste.company('gone')")
            _ = try await bob.enter(try await bob.token("gone").text)
            try await bob.query("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC")
            let tied = try #require(
                try await world.owner.isolationReport().first { $0.id == "surroundings.default-privileges" })
            #expect(!tied.passed && tied.evidence.contains("default privileges of \(gone)_reader on tables"))
            try await bob.query("SELECT piste.leave()")
            #expect(try await bob.refusal("delete_company('gone', 'gone')") == nil)
            #expect(
                try await world.owner.number(
                    "SELECT count(*) FROM pg_roles WHERE rolname = '\(gone)_reader'") == 1)
            // A company with the indexes of a large one.
            try await world.owner.query("SELECT piste.record_load('globex', 'users', 5000)")
            #expect(
                try await world.owner.number("SELECT count(*) FROM piste.company WHERE grown") == 1)
            // A context that expired a moment ago, and that no sweeper has seen yet.
            try await world.owner.query(
                "UPDATE piste.context SET expires_at = clock_timestamp() WHERE ended_at IS NULL")
            let report = try await bob.isolationReport()
            #expect(report.filter { !$0.passed }.isEmpty, "\(report.filter { !$0.passed })")
            let kept = try #require(report.first { $0.id == "roles.companies" })
            #expect(kept.evidence.contains("1 kept after a deletion"), "\(kept)")
            await bob.close()
        }
    }

    @Test func companiesOfAnOlderBlueprintAndMigratedOnesAreExplained() async throws {
        try await MigrationWorld.run { world in
            try await world.owner.query("SELECT * FROM piste.migrate_company('company-1')")
            try await world.owner.query("SELECT piste.record_load('company-2', 'users', 5000)")
            let versions = try await world.owner.query(
                "SELECT DISTINCT blueprint_version FROM piste.company ORDER BY 1")
            #expect(versions.count == 2)
            let report = try await world.owner.isolationReport()
            for line in report
            where line.id.hasPrefix("company.") || line.id.hasPrefix("gate.") || line.id.hasPrefix("engine.")
            {
                #expect(line.passed, "\(line)")
            }
            let fleet = try #require(report.first { $0.id == "company.blueprint" })
            #expect(fleet.evidence.contains("1 companies have blueprint \(MigrationWorld.newest)"))
            #expect(fleet.evidence.contains("2 companies have blueprint 1 and wait for piste migrate"))
        }
    }

    /// A later installation describes what it left, and says so in the control trail.
    @Test func installingAgainSealsAgain() async throws {
        try await ProofWorld.run { world in
            let seals = "SELECT count(*) FROM piste_test.trail('piste') WHERE action = 'engine.seal'"
            #expect(try await world.owner.number(seals) == 1)
            try await world.owner.query("ALTER TABLE piste.entry DISABLE TRIGGER append_only")
            try await world.owner.query("GRANT SELECT ON piste.company TO \(world.carol)")
            #expect(try await world.owner.failures().count >= 3)
            try await world.owner.query("ALTER TABLE piste.entry ENABLE TRIGGER append_only")
            try await world.owner.query("REVOKE SELECT ON piste.company FROM \(world.carol)")
            _ = try await EngineInstaller().install(on: world.owner)
            #expect(try await world.owner.failures() == [])
            #expect(try await world.owner.number(seals) == 1, "nothing of the engine changed")
        }
    }
}
