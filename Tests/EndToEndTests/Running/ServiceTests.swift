import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// What the package brings for whoever keeps Piste running: units of systemd, and the archiving by a timer.
///
/// `.ci/systemd` has systemd itself run them.
struct ServiceTests {
    private static let folder = Pages.package + "/Sources/piste/Service"

    @Test("systemd takes every unit, and each runs what there is, hardened and as a login of its own")
    func units() async throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        #expect(
            names == [
                "piste-archive", "piste-archive.service", "piste-archive.timer", "piste-metrics.service",
                "piste-sweep.service",
            ])
        for name in names where name.hasSuffix(".service") {
            let text = try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
            for line in [
                "DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n",
                // Without it a call that is not allowed kills the program, which asks for priorities at its start.
                "SystemCallErrorNumber=EPERM",
            ] {
                #expect(text.contains(line), "\(name): \(line)")
            }
            if name != "piste-archive.service" {
                #expect(text.contains("Restart=always") && text.contains("User=piste-monitor"), "\(name)")
            }
            let start = text.split(separator: "\n").first { $0.hasPrefix("ExecStart=/usr/bin/piste ") } ?? ""
            guard !start.isEmpty else { continue }
            let words = start.dropFirst("ExecStart=/usr/bin/piste ".count).split(separator: " ").map(
                String.init)
            let help = try await Piste.run([words[0], "--help"])
            for flag in words where flag.hasPrefix("--") {
                #expect(help.output.contains(flag), "\(name): \(flag)")
            }
        }
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze") else {
            print("systemd is not here: its own judgement of the units is left out")
            return
        }
        let scratch = try TemporaryFolder()
        for name in names where name != "piste-archive" {
            let text = try String(contentsOfFile: Self.folder + "/" + name, encoding: .utf8)
                .replacing("/usr/bin/piste", with: BuiltBinary.path)
                .replacing("/usr/share/piste/piste-archive", with: Self.folder + "/piste-archive")
            try text.write(toFile: scratch.path + "/" + name, atomically: true, encoding: .utf8)
        }
        let judged = try await Program.run(
            "/usr/bin/systemd-analyze",
            ["verify", "--man=no"] + names.filter { $0 != "piste-archive" }.map { scratch.path + "/" + $0 })
        let complaints = judged.errors.split(separator: "\n").filter { $0.contains("piste-") }
        #expect(complaints.isEmpty, "\(judged.errors)")
    }

    @Test("A sweeper that starts before its server waits for it, as a login of the level monitor")
    func startsFirst() async throws {
        let cluster = TestCluster()
        defer { cluster.remove() }
        let running = try await cluster.running()
        let owner = try await Connection.open(running.settings())
        let url = "postgresql://watch@/\(RunningCluster.database)?host=\(running.socketDirectory)"
        let installed = try await Piste.run([
            "init", "--admin", "bob", "--database",
            "postgresql://postgres@/\(RunningCluster.database)?host=\(running.socketDirectory)",
        ])
        #expect(installed.status == 0, "\(installed)")
        try await owner.query("SELECT * FROM piste.add_operator('watch', 'monitor')")
        await owner.close()
        _ = try cluster.cluster.stop()
        let sweeper = RunningPiste.watcher(url, ["--every", "1"])
        // It is there, and goes on waiting, well before there is a server.
        #expect(try await eventually { sweeper.errors.contains("cannot reach") })
        _ = try cluster.cluster.start()
        let owner2 = try await Connection.open(running.settings())
        #expect(
            try await eventually {
                try await owner2.query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'watch'")[0]
                    .int(0) > 0
            })
        #expect(
            try await eventually {
                try await owner2.query("SELECT count(*) FROM piste.entry WHERE seq IS NULL")[0].int(0) == 0
            }, "it seals")
        await owner2.close()
        let ended = try await sweeper.stop()
        #expect(ended.status == 0, "\(ended)")
        #expect(
            ended.errors.contains("cannot reach") && ended.errors.contains("connected to"), "\(ended.errors)")
    }

    @Test(
        "The timer's script archives what is older than a checkpoint of long ago, and verifies with what came before"
    )
    func archives() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let key = folder.path + "/audit.key"
            let made = try await Piste.run(["audit", "key", "new", "--output", key])
            #expect(made.status == 0, "\(made)")
            let place = folder.path + "/archive"
            func run(_ days: Int) async throws -> Piste.Outcome {
                try await Piste.run(
                    program: Self.folder + "/piste-archive", [place, key, "\(days)"],
                    environment: ["PISTE": BuiltBinary.path, "PISTE_DATABASE_URL": world.url(world.bob)])
            }
            let first = try await run(30)
            #expect(first.status == 0, "\(first)")
            #expect(try await world.records("audit.archive") == 0, "there is no checkpoint of long ago")
            let notes = try FileManager.default.contentsOfDirectory(atPath: place + "/awesome")
            #expect(notes.count == 1 && notes[0].hasSuffix(".note"), "\(notes)")
            let note = place + "/awesome/" + notes[0]
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -40 * 86_400)], ofItemAtPath: note)
            let second = try await run(30)
            #expect(second.status == 0, "\(second)")
            #expect(try await world.records("audit.archive") == 1, "\(second)")
            let file = note.replacing(".note", with: ".jsonl")
            #expect(FileManager.default.fileExists(atPath: file))
            #expect(!FileManager.default.fileExists(atPath: note), "its note has done its work")
            let verified = try await Piste.run(["audit", "verify", "--export", file])
            #expect(verified.status == 0, "\(verified)")
            let there = try await world.piste("audit", "verify", "awesome")
            #expect(there.status == 0, "\(there)")
        }
    }
}
