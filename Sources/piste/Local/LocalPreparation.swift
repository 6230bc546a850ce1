import LocalCluster
import Postgres
import Tenancy

/// Makes the local cluster fit for piste: started, the engine installed, the demo logins registered.
enum LocalPreparation {
    /// The local cluster's database; it is made and started where need be.
    static func target(login: String) throws -> Target {
        let cluster = LocalCluster.standard
        let isNew = cluster.running() == nil
        let running = try cluster.start(narrate: Narration.say)
        let target = Target(settings: running.settings(user: login), local: running)
        if running.wasRenewed { try waitFor { try await tellRenewal(running) } }
        if isNew {
            Narration.say("Installing the engine…")
            try waitFor { try await prepare(running) }
        }
        return target
    }

    /// Whether the error is one that preparing the cluster mends: no engine, or a demo login that is not made yet.
    static func mends(_ error: TenancyError, for login: String) -> Bool {
        error.code == .engineMissing
            || (error.sqlState == "28000" && DemoLogins.all.contains { $0.login == login })
    }

    /// Puts on record that the contexts of the server that ran before are over, and says so.
    static func tellRenewal(_ cluster: RunningCluster) async throws(TenancyError) {
        let connection: Connection
        do {
            connection = try await Connection.open(cluster.settings())
        } catch {
            throw TenancyError(.unreachable, error.description)
        }
        defer { connection.abandon() }
        do {
            let ended = try await connection.query(
                """
                SELECT e.* FROM piste.contexts(false) c, piste.end_context(c.jti, 'its server was started anew') e
                WHERE c.ended_at IS NULL
                """)
            Narration.say(
                ended.isEmpty
                    ? "No context was open in it."
                    : "\(ended.count) contexts that were open in it have ended, on record.")
        } catch  where ["3F000", "42883", "42P01"].contains(error.sqlState) {
            // There is no engine yet.
        } catch {
            throw TenancyError(.failed, error.description)
        }
    }

    /// Installs the engine and registers the demo logins; does nothing twice.
    static func prepare(_ cluster: RunningCluster) async throws(TenancyError) {
        let connection: Connection
        do {
            connection = try await Connection.open(cluster.settings())
        } catch {
            throw TenancyError(.unreachable, error.description)
        }
        defer { connection.abandon() }
        _ = try await EngineInstaller().install(on: connection)
        let client = try await TenancyClient.connect(cluster.settings())
        for (login, level) in DemoLogins.all { try await client.addOperator(login, level: level) }
        await client.close()
    }
}
