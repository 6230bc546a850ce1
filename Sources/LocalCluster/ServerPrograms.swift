import Glibc
import Host

/// The server's programs, all from one folder and so of one version.
struct ServerPrograms {
    var folder: String
    /// For instance 15.18.
    var version: String

    var major: Int { Int(version.prefix { $0 != "." && $0.isNumber }) ?? 0 }
    var initdb: String { folder + "/initdb" }
    var pgCtl: String { folder + "/pg_ctl" }
    var postgres: String { folder + "/postgres" }

    private static let oldest = 15
    /// The newest release that Piste is tested on; a newer one is taken where there is no other.
    private static let newest = 18
    private static let names = ["postgres", "initdb", "pg_ctl"]

    /// Finds the newest PostgreSQL in PATH, through `pg_config`, or where distributions put it; of the given major
    /// version when there is already data of it.
    static func find(
        major: Int? = nil,
        in candidates: some Sequence<String> = standardFolders
    ) throws(LocalClusterError) -> ServerPrograms {
        var found: [ServerPrograms] = []
        for folder in candidates where !found.contains(where: { $0.folder == folder }) {
            guard let programs = ServerPrograms(in: folder) else { continue }
            if major == programs.major { return programs }
            found.append(programs)
        }
        let usable = major == nil ? found.filter { $0.major >= oldest } : []
        let tested = usable.filter { $0.major <= newest }
        // Of equals the one that was found first.
        let best = (tested.isEmpty ? usable : tested).enumerated().max {
            ($0.element.major, -$0.offset) < ($1.element.major, -$1.offset)
        }
        if let best { return best.element }
        let seen = found.map { "\($0.version) in \($0.folder)" }.joined(separator: ", ")
        let insight = seen.isEmpty ? "" : " (found only \(seen))"
        if let major {
            throw LocalClusterError(
                .serverMissing,
                "the local data were made by PostgreSQL \(major), and its server is not installed\(insight); "
                    + "install it (Debian: apt-get install postgresql-\(major)), or start afresh: "
                    + "piste local destroy",
            )
        }
        throw LocalClusterError(
            .serverMissing,
            "no PostgreSQL server, version \(oldest) or newer, is installed\(insight); install one "
                + "(Debian, Ubuntu: apt-get install postgresql · Fedora: dnf install postgresql-server · "
                + "Alpine: apk add postgresql · macOS: brew install postgresql), "
                + "or name a database with --database",
        )
    }

    init?(in folder: String) {
        guard Self.names.allSatisfy({ Self.isRealProgram("\(folder)/\($0)") }),
            let answer = try? ChildProcess.run([folder + "/postgres", "--version"]), answer.isSuccess,
            let version = answer.output.split(whereSeparator: \.isWhitespace).first(where: {
                $0.first?.isNumber == true
            })
        else { return nil }
        self.folder = folder
        self.version = String(version)
    }

    /// Folders in the order in which they are looked at.
    static var standardFolders: some Sequence<String> {
        let lookups: [@Sendable () -> [String]] = [
            // A link in PATH, for instance from /usr/local/bin, leads to the folder where all of them are.
            { Environment.searchPath.compactMap { realFolder(of: $0 + "/postgres") } },
            { configuredFolder.map { [$0] } ?? [] },
            { folders(in: "/usr/lib/postgresql", suffix: "/bin") },
            {
                folders(in: "/usr", prefix: "pgsql-", suffix: "/bin") + [
                    "/usr/pgsql/bin", "/usr/libexec/postgresql",
                ]
            },
            { folders(in: "/usr/libexec", prefix: "postgresql", suffix: "") },
            { folders(in: "/opt/homebrew/opt", prefix: "postgresql@", suffix: "/bin") },
            {
                folders(in: "/usr/local/opt", prefix: "postgresql@", suffix: "/bin") + [
                    "/usr/local/pgsql/bin"
                ]
            },
        ]
        return lookups.lazy.flatMap { $0() }
    }

    private static var configuredFolder: String? {
        guard let program = Environment.program("pg_config"),
            let answer = try? ChildProcess.run([program, "--bindir"]), answer.isSuccess
        else { return nil }
        return answer.output.split(separator: "\n").first.map(String.init)
    }

    /// `parent/<prefix><number><suffix>`, the highest number first.
    private static func folders(in parent: String, prefix: String = "", suffix: String) -> [String] {
        Files.names(in: parent)
            .filter { $0.hasPrefix(prefix) }
            .compactMap { name in Int(name.dropFirst(prefix.count)).map { (number: $0, name: name) } }
            .sorted { $0.number > $1.number }
            .map { "\(parent)/\($0.name)\(suffix)" }
    }

    private static func realFolder(of path: String) -> String? {
        guard let real = Files.realPath(path), let slash = real.lastIndex(of: "/") else { return nil }
        return String(real[..<slash])
    }

    /// Tells a program from a wrapper script, which may start something of another version.
    private static func isRealProgram(_ path: String) -> Bool {
        access(path, X_OK) == 0 && Files.head(of: path, count: 2) != [0x23, 0x21]
    }
}
