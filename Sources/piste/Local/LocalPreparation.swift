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
        if isNew { try waitFor { try await prepare(running) } }
        return target
    }

    /// Whether the error is one that preparing the cluster mends.
    static func mends(_ error: TenancyError) -> Bool {
        error.code == .engineMissing || error.sqlState == "28000"
    }

    /// Installs the engine and registers the demo logins; does nothing twice.
    static func prepare(_ cluster: RunningCluster) async throws(TenancyError) {
    }
}
