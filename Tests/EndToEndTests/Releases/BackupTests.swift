import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// Backups: what a dump lacks, and what going back in time means.
struct BackupTests {
    @Test(
        "A dump that was restored without its roles is explained in one sentence, with the way back",
        arguments: Release.all)
    func withoutRoles(release: Release) async throws {
        try await ReleaseServer.run(release) { server in
            _ = try await MovedHouse.fill(server)
            try await server.dump()
            try await ReleaseServer.run(release) { other in
                let house = MovedHouse(server: other)
                try await other.restore(from: server, withRoles: false)
                let refused = try await house.piste(as: RunningCluster.superuser, "init")
                #expect(refused.status == 1, "\(refused)")
                #expect(refused.narration.contains("restored without the cluster's roles"), "\(refused)")
                #expect(refused.narration.contains("pg_dumpall --globals-only"), "\(refused)")
                let doctor = try await house.piste(as: RunningCluster.superuser, "doctor", "--format", "json")
                #expect(doctor.status == 1, "\(doctor)")
                let problems = try doctor.objects().filter { $0["state"] as? String == "problem" }
                #expect(problems.count == 1, "\(doctor)")
                #expect("\(problems)".contains("restored without the cluster"), "\(doctor)")
                // The way back, as it was told.
                try await other.restore(from: server)
                let mended = try await house.piste(as: RunningCluster.superuser, "init")
                #expect(mended.status == 0, "\(mended)")
                try await house.expectSound()
            }
        }
    }

    @Test("Going back to before a context undoes it, and the chain holds", arguments: Release.all)
    func backInTime(release: Release) async throws {
        let settings = [
            "wal_level = replica", "archive_mode = on", "archive_command = 'cp %p ../archive-%f'",
        ]
        try await ReleaseServer.run(release, settings: settings) { server in
            let house = try await MovedHouse.fill(server)
            try await server.program(
                "pg_basebackup",
                [
                    "-h", server.ownPath(""), "-U", RunningCluster.superuser, "-D", server.ownPath("base"),
                    "-c", "fast",
                ])
            let owner = try await server.connect()
            let before = try await owner.query("SELECT count(*) FROM piste.entry")[0].int(0)
            try await owner.query("SELECT pg_create_restore_point('before')")
            let token = try await house.piste(as: "alice", "token", "issue", "acme")
            #expect(token.status == 0, "\(token)")
            try await house.expectReading()
            _ = try await house.piste("company", "suspend", "globex")
            #expect(try await owner.query("SELECT count(*) FROM piste.entry")[0].int(0) > before)
            try await owner.query("SELECT pg_switch_wal()")
            await owner.close()
            try await server.stop()

            let recovered = try await server.recovered(
                from: "base",
                [
                    "restore_command = 'cp ../archive-%f %p'", "recovery_target_name = 'before'",
                    "recovery_target_action = 'promote'",
                ])
            let then = MovedHouse(server: recovered)
            let checked = try await recovered.connect()
            #expect(try await checked.query("SELECT count(*) FROM piste.entry")[0].int(0) == before)
            let undone = try await checked.query("SELECT status FROM piste.company WHERE url_id = 'globex'")
            #expect(try undone[0].string(0) == "active")
            await checked.close()
            let alice = try await recovered.connect(as: "alice")
            let text = try #require(token.lines.first)
            let refused = try await alice.query("SELECT refusal FROM piste.enter($1)", [.text(text)])[0]
                .optionalString(0)
            #expect(refused?.hasPrefix("token_unknown") == true, "\(refused ?? "it is let in")")
            await alice.close()
            try await then.expectSound()
            let trail = try await then.piste("audit", "show", "--format", "json")
            #expect(trail.output.contains("engine.timeline"), "\(trail)")
            try? await recovered.stop()
        }
    }
}
