import Foundation
import Glibc
import TestSupport

/// A host whose only service is the demo, for whoever comes by ssh.
struct KioskWorld {
    let folder: String
    let server: SSHServer

    /// The first visitor makes the demo; the house and all that was in it are gone afterwards.
    static func run(_ arguments: [String] = [], _ body: (KioskWorld) async throws -> Void) async throws {
        let folder = "/tmp/piste-kiosk-\(UUID().uuidString.prefix(8))"
        let command =
            ([
                BuiltBinary.path, "demo", "--kiosk", "--kiosk-folder", folder, "--companies", "3", "--memory",
                "512",
            ] + arguments).joined(separator: " ")
        let world = KioskWorld(folder: folder, server: try await SSHServer(forcing: command))
        do {
            try await body(world)
        } catch {
            world.remove()
            throw error
        }
        world.remove()
    }

    /// Comes in, as `ssh demo@host` does.
    func visit(_ command: String = "", columns: Int = 100, rows: Int = 30) throws -> (
        tmux: Tmux, link: SSHLink
    ) {
        let link = SSHLink()
        return (try Tmux(running: server.command(command, link: link), columns: columns, rows: rows), link)
    }

    /// The copies that are there.
    var copies: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("visit-") && !$0.hasSuffix(".lock") }.sorted()
    }

    /// The processes whose command line has this text and the kiosk's folder in it.
    func processes(_ text: String) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            let words = String(decoding: line, as: UTF8.self).split(separator: "\0")
            return words.first?.contains("sshd") == false && words.contains { $0.contains(folder) }
                && words.contains { $0.contains(text) }
        }
    }

    private func remove() {
        for pid in processes("--kiosk") + processes("postgres") { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
