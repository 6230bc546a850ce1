package import Postgres

/// A private PostgreSQL that answers, and how to reach it.
package struct RunningCluster: Sendable, Hashable {
    package var socketDirectory: String
    package var dataDirectory: String
    /// The server's major version, for instance 15.
    package var version: Int
    package var pid: Int32
    /// Whether it was started anew just now, because an upgrade had replaced its programs: nobody's session lives on.
    package var wasRenewed = false

    /// The server that a socket's directory leads to, of which nothing else is known.
    package init(socketDirectory: String) {
        self.init(socketDirectory: socketDirectory, dataDirectory: "", version: 0, pid: 0)
    }

    init(socketDirectory: String, dataDirectory: String, version: Int, pid: Int32) {
        self.socketDirectory = socketDirectory
        self.dataDirectory = dataDirectory
        self.version = version
        self.pid = pid
    }

    package static let superuser = "postgres"
    package static let database = "piste"

    /// Every login is let in without a password: the socket's directory is the owner's alone.
    package func settings(
        user: String = RunningCluster.superuser,
        database: String = RunningCluster.database
    ) -> ConnectionSettings {
        ConnectionSettings(
            "host=\(Self.quoted(socketDirectory)) port=5432 sslmode=disable gssencmode=disable"
        )
        .with(user: user, database: database)
    }

    private static func quoted(_ value: String) -> String {
        let escaped = value.unicodeScalars.reduce(into: String.UnicodeScalarView()) { text, scalar in
            if scalar == "'" || scalar == "\\" { text.append("\\") }
            text.append(scalar)
        }
        return "'" + String(escaped) + "'"
    }
}
