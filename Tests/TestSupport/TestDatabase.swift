package import LocalCluster
package import Postgres
import Synchronization

/// A database of its own for one test, in the process's private cluster.
package final class TestDatabase: Sendable {
    package let name: String
    package let cluster: RunningCluster
    /// Distinguishes this test's roles, which all databases of a cluster share.
    package let suffix: String
    private let roles = Mutex<[String]>([])

    private static let next = Atomic<Int>(1)

    private init(name: String, suffix: String, cluster: RunningCluster) {
        self.name = name
        self.suffix = suffix
        self.cluster = cluster
    }

    /// Makes a database, as a copy of `template` when one is named; nobody may be connected to that
    /// meanwhile.
    package static func make(
        template: String? = nil, on server: TestServer = TestServers.installed
    ) async throws -> TestDatabase {
        let cluster = try await server.running()
        let suffix = "\(server.mark)\(next.add(1, ordering: .relaxed).newValue)"
        let database = TestDatabase(name: "test_\(suffix)", suffix: suffix, cluster: cluster)
        try await administrate(cluster) { connection in
            let copy = template.map { " TEMPLATE " + Quoted.identifier($0) } ?? ""
            try await connection.query("CREATE DATABASE \(Quoted.identifier(database.name))\(copy)")
        }
        return database
    }

    package func settings(user: String = RunningCluster.superuser) -> ConnectionSettings {
        cluster.settings(user: user, database: name)
    }

    package func connect(as user: String = RunningCluster.superuser) async throws -> Connection {
        try await Connection.open(settings(user: user))
    }

    package func superuser() async throws -> Connection {
        try await connect()
    }

    /// A role's name for this test alone, dropped with the database.
    package func roleName(_ base: String) -> String {
        let name = "\(base)_\(suffix)"
        dropAtEnd(role: name)
        return name
    }

    /// Has a role that the test made dropped after the database.
    package func dropAtEnd(role: String) {
        roles.withLock { $0.append(role) }
    }

    /// Drops the database, whoever is connected, and the roles that were named.
    package func drop() async throws {
        try await Self.administrate(cluster) { connection in
            try await connection.query("DROP DATABASE IF EXISTS \(Quoted.identifier(name)) WITH (FORCE)")
            for role in roles.withLock({ $0.reversed() }) {
                try await connection.query("DROP ROLE IF EXISTS \(Quoted.identifier(role))")
            }
        }
    }

    private static func administrate(
        _ cluster: RunningCluster,
        _ body: (Connection) async throws -> Void
    ) async throws {
        let connection = try await Connection.open(cluster.settings(database: "postgres"))
        do {
            try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}

/// Runs `body` with a database of its own and drops it afterwards, whatever happens.
package func withTestDatabase<Value>(
    template: String? = nil,
    on server: TestServer = TestServers.installed,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
    await Turnstile.databases.enter()
    do {
        let database = try await TestDatabase.make(template: template, on: server)
        do {
            let value = try await body(database)
            try await database.drop()
            await Turnstile.databases.leave()
            return value
        } catch {
            try? await database.drop()
            throw error
        }
    } catch {
        await Turnstile.databases.leave()
        throw error
    }
}

/// The same in one of this process's own clusters.
package func withTestDatabase<Value>(
    template: String? = nil,
    in home: TestCluster,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (TestDatabase) async throws -> Value
) async throws -> Value {
    try await withTestDatabase(template: template, on: TestServer(home), body)
}
