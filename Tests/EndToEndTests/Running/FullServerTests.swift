import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

/// A server that has no room: for connections, or on its disk.
struct FullServerTests {
    @Test("A server without a free connection is unreachable: exit 4, and what would help")
    func connections() async throws {
        try await ConsoleWorld.run { world in
            try await world.owner.query("ALTER ROLE \(world.alice) CONNECTION LIMIT 1")
            let only = try await world.database.connect(as: world.alice)
            for words in [["company", "list"], ["users", "awesome"], ["contexts"], ["sweep"]] {
                let refused = try await Piste.run(words + ["--database", world.url(world.alice)])
                #expect(refused.status == 4, "\(words): \(refused)")
                #expect(refused.narration.contains("CONNECTION LIMIT"), "\(words): \(refused)")
            }
            await only.close()
            let free = try await world.piste("company", "list", as: world.alice)
            #expect(free.status == 0, "\(free)")
        }
    }

    @Test("A full disk is what doctor finds, and what was there goes on when there is room again")
    func disk() async throws {
        guard geteuid() == 0 else {
            print("a full disk is left out: making one takes root")
            return
        }
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let mounted = try await Program.run(
            "/bin/mount", ["-t", "tmpfs", "-o", "size=200m,mode=755", "tmpfs", folder.path])
        guard mounted.status == 0 else {
            print("a full disk is left out: \(mounted.errors)")
            return
        }
        defer { _ = try? Program.run("/bin/umount", ["-l", folder.path]) }
        let environment = ["PISTE_LOCAL_ROOT": folder.path + "/cluster"]
        let made = try await Piste.run(["operator", "list", "--as", "bob"], environment: environment)
        #expect(made.status == 0, "\(made)")
        let sound = try await Piste.run(["doctor", "--as", "bob"], environment: environment)
        #expect(sound.output.contains("the server has room"), "\(sound)")
        let ballast = folder.path + "/ballast"
        _ = try await Program.run(
            "/bin/sh", ["-c", "dd if=/dev/zero of=\(ballast) bs=64k 2>/dev/null; true"])
        let full = try await Piste.run(
            ["doctor", "--as", "bob", "--format", "json"], environment: environment)
        #expect(full.status == 1, "\(full)")
        #expect(full.output.contains("disk is full"), "\(full)")
        // The mend that it prints: make room.
        unlink(ballast)
        let again = try await Piste.run(["doctor", "--as", "bob"], environment: environment)
        #expect(again.output.contains("the server has room"), "\(again)")
        _ = try await Piste.run(["local", "destroy", "--yes"], environment: environment)
    }
}
