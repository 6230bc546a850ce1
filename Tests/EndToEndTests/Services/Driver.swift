import FoundationEssentials
import Glibc
import TestSupport

/// A driver that knows nothing of Piste, and what runs the scripts beside these tests with it.
enum Driver: String, CaseIterable, Sendable {
    case psycopg, asyncpg, sqlalchemy, django, node

    private static let python = "/usr/bin/python3"
    static let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Scripts"

    static let pgbouncer: String? = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"]
        .first { access($0, X_OK) == 0 }

    /// Where node finds `pg`: Debian's node-pg, or its files where the package cannot be installed (.ci/run).
    static let nodePath =
        "/usr/share/nodejs:" + #filePath.components(separatedBy: "/Tests/")[0]
        + "/.build/node/usr/share/nodejs"

    private static let installed: Set<Driver> = Set(
        allCases.filter { driver in
            switch driver {
            case .psycopg: runs(python, ["-c", "import psycopg, psycopg_pool"])
            case .asyncpg: runs(python, ["-c", "import asyncpg"])
            case .sqlalchemy: runs(python, ["-c", "import sqlalchemy, psycopg2"])
            case .django: runs(python, ["-c", "import django, psycopg2"])
            case .node: runs("/usr/bin/env", ["NODE_PATH=\(nodePath)", "node", "-e", "require('pg')"])
            }
        })

    private static func runs(_ program: String, _ arguments: [String]) -> Bool {
        (try? Program.run(program, arguments))?.status == 0
    }

    var isInstalled: Bool { Self.installed.contains(self) }

    /// The program and its first arguments.
    var interpreter: [String] {
        self == .node ? ["/usr/bin/env", "NODE_PATH=\(Self.nodePath)", "node"] : [Self.python, "-B"]
    }

    /// The script that makes requests with this driver.
    var load: String { "\(Self.folder)/\(rawValue)_load." + (self == .node ? "js" : "py") }

    /// Runs a program to its end, on a thread that may block.
    static func run(
        _ command: [String], environment: [String: String], limit: Duration = .seconds(900)
    ) async throws -> Program {
        let settings = environment.map { "\($0)=\($1)" }.sorted()
        return try await Program.run("/usr/bin/env", settings + command, limit: limit)
    }
}
