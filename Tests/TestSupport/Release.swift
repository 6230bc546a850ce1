import Glibc

/// A release of PostgreSQL whose programs are here: the installed one, or one in a system of its own, as `.ci/postgres make`
/// makes them.
package struct Release: Hashable, Sendable, CustomStringConvertible {
    /// For instance 15.
    package let version: Int
    /// The system that it lives in; empty for this one.
    let root: String
    /// Where its programs are, as seen in that system.
    let programs: String

    package var description: String { "\(version)" }

    /// Whether every combination is tried, or each of its parts once.
    package static let every = getenv("PISTE_TEST_EVERY") != nil

    /// The installed one first; whoever is not root has only that.
    package static let all: [Release] = {
        let installed = [18, 17, 16, 15].map { Release(version: $0, root: "") }.first {
            access("\($0.programs)/initdb", X_OK) == 0
        }
        let folder = repository + "/.build/postgres"
        let others =
            geteuid() == 0
            ? [17, 18].map { Release(version: $0, root: "\(folder)/\($0)") }
                .filter { access("\($0.root)/.made", F_OK) == 0 } : []
        return [installed].compactMap { $0 } + others.filter { $0.version != installed?.version }
    }()

    /// The one that `PISTE_TEST_ON` names by its number, on which all tests then run that say nothing of servers; nil for the
    /// installed one.
    package static let underTest: Release? = {
        guard let version = getenv("PISTE_TEST_ON").flatMap({ Int(String(cString: $0)) }) else { return nil }
        guard let release = all.first(where: { $0.version == version }) else {
            fatalError("PostgreSQL \(version) is not here: `.ci/postgres make` makes it, as root")
        }
        return release.root.isEmpty ? nil : release
    }()

    /// The words that begin a call of `pg_dump`, which takes no newer server: that of the release under test, run here, where
    /// its files and sockets are seen as everybody sees them.
    package static var dump: [String] {
        guard let release = underTest else { return ["pg_dump"] }
        let script = """
            program=$1; shift
            for place in "$0"/usr/lib/*-linux-gnu; do
                exec "$place"/ld-linux*.so.* --library-path "$place" "$program" "$@"
            done
            """
        return ["/bin/sh", "-c", script, release.root, "\(release.root)\(release.programs)/pg_dump"]
    }

    /// Each with every older one from which it can be upgraded in place.
    package static let upgrades: [(from: Release, to: Release)] = all.flatMap { new in
        all.filter { $0.version < new.version && !new.root.isEmpty }.map { ($0, new) }
    }

    /// Each two, the older one first.
    package static let moves: [(from: Release, to: Release)] = all.flatMap { new in
        all.filter { $0.version < new.version }.map { ($0, new) }
    }

    init(version: Int, root: String, programs: String? = nil) {
        self.version = version
        self.root = root
        self.programs = programs ?? "/usr/lib/postgresql/\(version)/bin"
    }

    /// This release's programs beside those of a newer one, in that one's system.
    func lent(to newer: Release) throws -> Release {
        let ended = try Program.run(
            Self.repository + "/.ci/postgres", ["lend", "\(version)", "\(newer.version)"],
            limit: .seconds(300)
        )
        let place = ended.output.split(separator: "\n").first.map(String.init) ?? ""
        guard ended.status == 0, place.hasPrefix("/") else {
            throw Program.Failure(description: "cannot lend \(version) to \(newer.version): \(ended.errors)")
        }
        return Release(version: version, root: newer.root, programs: place)
    }

    /// Runs one of its programs as the user whom it takes.
    func run(_ program: String, _ arguments: [String], in folder: String = "/") throws -> Program {
        let words =
            root.isEmpty
            ? (geteuid() == 0 ? ["/sbin/runuser", "-u", "postgres", "--"] : [])
            : ["/usr/sbin/chroot", root, "/sbin/runuser", "-u", "postgres", "--"]
        return try Program.run(
            "/usr/bin/env",
            words + ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder, "\(programs)/\(program)"]
                + arguments,
            limit: .seconds(300))
    }

    private static let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/")
}
