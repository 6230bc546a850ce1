import Glibc
package import LocalCluster
package import Postgres

/// One PostgreSQL server that a test may kill, freeze and promote.
package final class ServerUnderTest: Sendable {
    package let name: String
    /// How to reach it; also while it is down.
    package let running: RunningCluster
    let folder: String
    private let programs: ServerUser

    init(_ name: String, in root: String, programs: ServerUser) throws {
        self.name = name
        self.programs = programs
        folder = root + "/" + name
        running = RunningCluster(socketDirectory: folder)
        try programs.makeFolder(folder)
    }

    var data: String { folder + "/data" }

    package func connect(
        as user: String = RunningCluster.superuser, to database: String = RunningCluster.database
    ) async throws -> Connection {
        try await Connection.open(running.settings(user: user, database: database))
    }

    /// Starts it, and returns when it takes connections.
    package func start() async throws {
        let (programs, data, log) = (programs, programs.inside(data), programs.inside(folder + "/log"))
        try await inThread {
            // What a killed server leaves behind holds its memory for a moment.
            for attempt in 1... {
                do {
                    try programs.run("pg_ctl", ["start", "-w", "-t", "60", "-s", "-D", data, "-l", log])
                    return
                } catch {
                    guard attempt < 20 else { throw error }
                    usleep(200_000)
                }
            }
        }
    }

    /// Ends every one of its processes at the same moment, as a crash of the machine would, but for what the operating system
    /// still has to write.
    package func kill() async throws {
        // A parent that stands still makes no more children.
        if let parent = processes.first { Glibc.kill(parent, SIGSTOP) }
        let pids = processes
        for pid in pids { Glibc.kill(pid, SIGKILL) }
        _ = try await eventually { pids.allSatisfy { Glibc.kill($0, 0) != 0 } }
    }

    /// Stops every one of its processes where it stands, or lets them go on.
    package func freeze(_ isFrozen: Bool = true) {
        for pid in processes { Glibc.kill(pid, isFrozen ? SIGSTOP : SIGCONT) }
    }

    /// Makes a standby a server of its own.
    package func promote() async throws {
        let (programs, data) = (programs, programs.inside(data))
        try await inThread { try programs.run("pg_ctl", ["promote", "-w", "-t", "60", "-s", "-D", data]) }
    }

    /// Sets parameters that need no restart; the server has read them when this returns.
    package func configure(_ name: String, _ value: String) async throws {
        let owner = try await connect(to: "postgres")
        try await owner.query("SET synchronous_commit = off")
        try await owner.query("ALTER SYSTEM SET \(name) = '\(value)'")
        try await owner.query("SELECT pg_reload_conf()")
        await owner.close()
        _ = try await eventually {
            let fresh = try await connect(to: "postgres")
            let now = try await fresh.query("SELECT current_setting($1)", [.text(name)])[0].string(0)
            await fresh.close()
            return now == value
        }
    }

    /// The postmaster and its children.
    private var processes: [pid_t] {
        guard let text = Self.text(data + "/postmaster.pid"),
            let parent = text.split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return [] }
        let children = Self.text("/proc/\(parent)/task/\(parent)/children") ?? ""
        return [parent] + children.split(separator: " ").compactMap { pid_t($0) }
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// Runs what blocks on a thread of its own.
func inThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
        OwnThread.run { continuation.resume(with: Result { try body() }) }
    }
}
