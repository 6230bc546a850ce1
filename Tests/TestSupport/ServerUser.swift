import Glibc

/// PostgreSQL's programs, run as a user whom they take: oneself, or `postgres` when oneself is root.
struct ServerUser {
    private let folder: String
    private let prefix: [String]
    /// The system that they run in; empty for this one.
    let root: String

    /// Finds those of the release that is tested, or the newest ones; throws where they are not all there.
    init() throws {
        if let release = Release.underTest {
            (folder, root) = (release.programs, release.root)
            prefix = ["/usr/sbin/chroot", root, "/sbin/runuser", "-u", "postgres", "--"]
            return
        }
        root = ""
        let known = ["pg_basebackup", "pg_ctl", "initdb"]
        let folders =
            [18, 17, 16, 15].map { "/usr/lib/postgresql/\($0)/bin" } + ["/usr/local/bin", "/usr/bin"]
        guard
            let folder = folders.first(where: { folder in
                known.allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
            })
        else { throw Program.Failure(description: "pg_basebackup is not installed") }
        self.folder = folder
        guard geteuid() == 0 else {
            prefix = []
            return
        }
        guard let entry = getpwnam("postgres") else {
            throw Program.Failure(description: "there is no user named postgres to run a server")
        }
        prefix = [
            "/usr/bin/setpriv", "--reuid=\(entry.pointee.pw_uid)", "--regid=\(entry.pointee.pw_gid)",
            "--init-groups", "--",
        ]
    }

    /// Runs one of the programs to its end.
    func run(_ program: String, _ arguments: [String]) throws {
        let words = prefix + ["\(folder)/\(program)"] + arguments
        let ended = try Program.run(
            "/bin/sh", ["-c", "cd / && exec \"$@\"", "sh"] + words, limit: .seconds(120))
        guard ended.status == 0 else {
            throw Program.Failure(description: "\(program): \(ended.errors)\(ended.output)")
        }
    }

    /// A path of this system as the programs see it.
    func inside(_ path: String) -> String { String(path.dropFirst(root.count)) }

    /// Makes a folder that the programs may write in, and nobody else.
    func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else { throw Program.Failure(description: "cannot make \(path)") }
        if !root.isEmpty {
            let chown = ["/usr/sbin/chroot", root, "chown", "postgres:", inside(path)]
            guard try Program.run("/usr/bin/env", chown).status == 0 else {
                throw Program.Failure(description: "cannot give away \(path)")
            }
            return
        }
        if geteuid() == 0, let entry = getpwnam("postgres") {
            chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid)
        }
    }

    /// Adds lines to a file of the server's.
    func append(_ lines: [String], to path: String) throws {
        guard let file = fopen(path, "a") else { throw Program.Failure(description: "cannot open \(path)") }
        fputs(lines.map { $0 + "\n" }.joined(), file)
        fclose(file)
    }
}
