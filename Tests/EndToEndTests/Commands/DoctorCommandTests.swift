import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// `piste doctor`: what it says of a sound place, and of each way in which a place can be unsound.
struct DoctorCommandTests {
    private func states(_ outcome: Piste.Outcome) throws -> [String: String] {
        try outcome.objects().reduce(into: [:]) { states, finding in
            states[finding["subject"] as? String ?? ""] = finding["state"] as? String
        }
    }

    private func text(_ outcome: Piste.Outcome, _ subject: String) throws -> String {
        let finding = try outcome.objects().first { $0["subject"] as? String == subject }
        return ["what", "mend"].compactMap { finding?[$0] as? String }.joined(separator: " → ")
    }

    private func doctor(_ world: ProofCommandWorld, as login: String? = nil) async throws -> Piste.Outcome {
        try await Piste.run(["doctor", "--format", "json", "--database", world.url(login ?? world.bob)])
    }

    @Test func findsNothingWhereAllIsWell() async throws {
        try await ProofCommandWorld.run { world in
            // Records that nobody has sealed for long are something to mend.
            try await world.owner.query("SELECT piste.seal()")
            for login in [world.alice, world.bob] {
                let outcome = try await doctor(world, as: login)
                #expect(outcome.status == 0, "\(outcome)")
                let states = try states(outcome)
                for subject in [
                    "piste", "locale", "theme", "database", "server", "clock", "connection", "engine",
                    "login", "records", "server clock", "prepared transactions",
                    "contexts", "isolation", "disk",
                ] {
                    #expect(states[subject] == "good", "\(subject): \(outcome)")
                }
            }
            let table = try await Piste.run(["doctor", "--database", world.url(world.bob)])
            #expect(table.status == 0 && table.narration.contains("All is well."), "\(table)")
            #expect(table.output.contains("engine") && !table.output.contains("\u{1B}"))
            let reads = try await world.value("SELECT count(*) FROM piste.context")
            #expect(reads == "0", "it enters no company")
        }
    }

    @Test func namesWhatIsBrokenAndHowToMendIt() async throws {
        try await ProofCommandWorld.run { world in
            let home = try await world.home()
            try await world.owner.query("ALTER TABLE \(home).users DISABLE ROW LEVEL SECURITY")
            let ajar = try await doctor(world)
            #expect(ajar.status == 1)
            #expect(try states(ajar)["gate.enabled-and-forced"] == "problem")
            #expect(try text(ajar, "gate.enabled-and-forced").contains("users"))
            // Whoever may not look says so, and does not call it sound.
            let blind = try await doctor(world, as: world.alice)
            #expect(try text(blind, "isolation").contains("not looked at"))
            try await world.owner.query("ALTER TABLE \(home).users ENABLE ROW LEVEL SECURITY")

            let token = try await Piste.run(
                ["token", "issue", "awesome", "--database", world.url(world.alice)])
            #expect(token.status == 0)
            try await world.owner.query(
                """
                UPDATE piste.context SET opened_at = issued_at, backend_pid = 1, entered_at = issued_at,
                    expires_at = clock_timestamp() - interval '1 second', issued_at = clock_timestamp() - interval '1 minute'
                """)
            let stale = try await doctor(world, as: world.alice)
            #expect(try states(stale)["contexts"] == "warning", "\(stale)")
            #expect(try text(stale, "contexts").contains("piste sweep"))

            try await world.owner.query("INSERT INTO piste.engine_version (version) VALUES ('0.1')")
            let old = try await doctor(world, as: world.alice)
            #expect(old.status == 1)
            #expect(try text(old, "engine").contains("0.1") && text(old, "engine").contains("piste init"))
        }
    }

    @Test func namesWhoMayTakeEveryConnection() async throws {
        try await ProofCommandWorld.run { world in
            #expect(try states(try await doctor(world))["connections"] == "good")
            try await world.owner.query("ALTER ROLE \(world.alice) CONNECTION LIMIT -1")
            let open = try await doctor(world)
            #expect(open.status == 0)
            #expect(try states(open)["connections"] == "warning", "\(open)")
            #expect(try text(open, "connections").contains(world.alice))
            #expect(try text(open, "connections").contains("CONNECTION LIMIT 20"))
        }
    }

    /// Each mend that stands there as a statement or a command is carried out, and the finding is gone.
    @Test func everyMendDoesWhatItSays() async throws {
        try await ProofCommandWorld.run { world in
            let home = try await world.home()
            let windows = "w" + home.dropFirst()
            let version = try #require(try await world.value("SELECT current_setting('server_version_num')"))
            let isFrom16 = version >= "160000"
            for (loss, subject) in [
                ("ALTER ROLE \(world.alice) SET default_transaction_read_only = on", "defaults"),
                (
                    "ALTER ROLE \(world.alice) IN DATABASE \(world.database.name) SET search_path = public",
                    "defaults"
                ),
                ("ALTER ROLE \(world.alice) CONNECTION LIMIT -1", "connections"),
                ("UPDATE piste.entry SET at = at - interval '1 hour' WHERE seq IS NULL", "sealing"),
                ("GRANT \(home)_reader TO \(world.alice)", "memberships.companies"),
                ("REVOKE USAGE ON SCHEMA \(windows) FROM \(home)_reader", "company.grants"),
                ("ALTER FUNCTION piste.me() COST 7", "engine.functions"),
            ] {
                try await world.owner.run(
                    script: "SET session_replication_role = replica; \(loss); RESET session_replication_role")
                let lost = try await doctor(world)
                let mend = try #require(
                    try lost.objects().first {
                        $0["subject"] as? String == subject && $0["state"] as? String != "good"
                    }?["mend"] as? String, "\(loss): \(lost)")
                if mend.hasPrefix("ALTER") {
                    try await world.owner.query(mend)
                } else if mend.hasPrefix("piste sweep --watch") {
                    let sweeper = RunningPiste.watcher(world.url(world.bob), ["--every", "1"])
                    #expect(
                        try await eventually {
                            try await world.value("SELECT count(*)::text FROM piste.entry WHERE seq IS NULL")
                                == "0"
                        })
                    _ = try await sweeper.stop()
                } else if mend.hasPrefix("piste sweep") {
                    _ = try await Piste.run(["sweep", "--database", world.url(world.bob)])
                }
                #expect(
                    ["ALTER", "piste sweep", "piste init"].contains { mend.hasPrefix($0) }, "\(loss): \(mend)"
                )
                // From PostgreSQL 16 on the sweep cannot take back what a superuser granted.
                if mend.hasPrefix("piste init") || mend.contains("; piste init") && isFrom16 {
                    let owner = world.url(RunningCluster.superuser)
                    #expect(try await Piste.run(["init", "--database", owner]).status == 0)
                }
                let after = try await doctor(world)
                let left = try after.objects().filter {
                    $0["subject"] as? String == subject && $0["state"] as? String != "good"
                }
                #expect(left.isEmpty, "\(loss), \(mend): \(after)")
            }
            // Nothing that was mended was harmed.
            #expect(
                try await Piste.run(["users", "awesome", "--database", world.url(world.alice)]).status == 0)
            #expect(try await world.prove("awesome").status == 0)
        }
    }

    @Test func aMonitorSeesNoMoreThanTheServer() async throws {
        try await ProofCommandWorld.run { world in
            try await world.owner.query(
                "SELECT * FROM piste.add_operator($1, 'monitor')", [.text(world.alice)])
            let outcome = try await doctor(world, as: world.alice)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try text(outcome, "login").contains("monitor"))
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await withTestDatabase { database in
            let owner = try await database.superuser()
            let nobody = database.roleName("nobody")
            try await owner.query("CREATE ROLE \(nobody) LOGIN")
            let url = "postgresql://\(nobody)@/\(database.name)?host=\(database.cluster.socketDirectory)"
            let bare = try await Piste.run(["doctor", "--format", "json", "--database", url])
            #expect(bare.status == 1)
            #expect(try text(bare, "engine").contains("piste init"), "\(bare)")
            #expect(try states(bare)["server"] == "good")
            await owner.close()
        }
        try await ConsoleWorld.run { world in
            let stranger = world.database.roleName("stranger")
            try await world.owner.query("CREATE ROLE \(stranger) LOGIN NOINHERIT")
            let outcome = try await world.piste("doctor", "--format", "json", as: stranger)
            #expect(outcome.status == 1)
            #expect(try text(outcome, "login").contains("piste operator add \(stranger)"), "\(outcome)")
        }
    }

    @Test func tellsAnUnreachableDatabaseApart() async throws {
        let outcome = try await Piste.run([
            "doctor", "--format", "json", "--database", "postgresql://a@/x?host=/nowhere/at/all",
        ])
        #expect(outcome.status == 4)
        #expect(try text(outcome, "database").contains("/nowhere/at/all"), "\(outcome)")
    }

    @Test func warnsOfAPasswordInTheAddress() async throws {
        try await ProofCommandWorld.run { world in
            let outcome = try await Piste.run([
                "doctor", "--format", "json", "--database",
                world.url(world.alice) + "&password=geheim",
            ])
            #expect(try states(outcome)["password"] == "warning", "\(outcome)")
            #expect(try text(outcome, "password").contains("from --database"), "\(outcome)")
            #expect(!"\(outcome)".contains("geheim"))
            let without = try await doctor(world, as: world.alice)
            #expect(try states(without)["password"] == nil)
        }
    }

    @Test func startsNothing() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await Piste.run(
            ["doctor", "--format", "json"], environment: ["PISTE_LOCAL_ROOT": folder.path + "/cluster"])
        #expect(outcome.status == 0)
        #expect(try text(outcome, "database").contains("piste demo"), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/cluster/data"))
    }

    @Test func looksAtTheTerminalItRunsIn() async throws {
        try await ProofCommandWorld.run { world in
            let tmux = try Tmux(
                ["doctor", "--database", world.url(world.alice)], columns: 70, rows: 40,
                environment: ["TERM": "no-such-terminal-42", "LANG": "C", "LC_ALL": "C"])
            let screen = try await tmux.wait(for: "[exit 0]", "could be better")
            #expect(screen.contains("no-such-terminal-42") && screen.contains("70×40"), "\(screen)")
        }
    }
}
