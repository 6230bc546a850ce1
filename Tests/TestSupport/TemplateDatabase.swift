package import Postgres
import Synchronization

/// A database that is filled once in the test process and copied by every test that needs its content.
package final class TemplateDatabase: Sendable {
    private let server: TestServer
    private let build: @Sendable (Connection) async throws -> Void
    private let task = Mutex<Task<String, any Error>?>(nil)

    /// - Parameter build: fills the database as its superuser; the connection is closed afterwards.
    package init(
        on server: TestServer = TestServers.installed,
        _ build: @escaping @Sendable (Connection) async throws -> Void
    ) {
        self.server = server
        self.build = build
    }

    /// The same in one of this process's own clusters.
    package convenience init(
        in home: TestCluster, _ build: @escaping @Sendable (Connection) async throws -> Void
    ) {
        self.init(on: TestServer(home), build)
    }

    /// The name to give as `template:`, after the first caller has waited for the filling.
    package func name() async throws -> String {
        let task = self.task.withLock { task in
            if let task { return task }
            let new = Task { [build, server] in
                let database = try await TestDatabase.make(on: server)
                let connection = try await database.superuser()
                try await build(connection)
                await connection.close()
                return database.name
            }
            task = new
            return new
        }
        return try await task.value
    }
}
