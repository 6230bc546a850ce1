import LocalCluster
import Postgres
import Tenancy

/// A demo that was made before: what its stamp says, and whether it is still true.
///
/// With the right stamp the console opens at once; what the stamp says is looked at when it connects, and made good without a
/// word where something was taken away since.
struct FinishedDemo: Sendable {
    let cluster: RunningCluster
    let plan: DemoPlan

    /// What a finished demo of this plan with this program's engine is stamped with.
    static func stamp(_ plan: DemoPlan) -> String {
        "\(EngineScript.digest) \(plan.companyCount) \(plan.company(at: 0).users)\n"
    }

    /// Makes what is missing, which is nothing as a rule.
    func makeGood() async throws(TenancyError) {
        guard try await !isWhole() else { return }
        try await LocalPreparation.prepare(cluster)
        do {
            try await DemoBuild(cluster: cluster, plan: plan, isQuiet: true).run()
        } catch let error as TenancyError {
            throw error
        } catch {
            throw TenancyError(.failed, "The demo could not be made whole again: \(error).")
        }
    }

    /// Whether the engine is this program's, every login is an operator, and every company is there.
    private func isWhole() async throws(TenancyError) -> Bool {
        do {
            let connection = try await Connection.open(cluster.settings())
            defer { connection.abandon() }
            guard try await EngineInstaller().isInstalled(on: connection) else { return false }
            let wanted = (0..<plan.companyCount).map { plan.company(at: $0).urlID }
            let rows = try await connection.query(
                """
                SELECT (SELECT count(*) FROM piste.company WHERE url_id = ANY ($1::text[])),
                    (SELECT count(*) FROM piste.operator WHERE login = ANY ($2::text[]))
                """,
                [
                    .text("{" + wanted.joined(separator: ",") + "}"),
                    .text("{" + DemoLogins.all.map(\.login).joined(separator: ",") + "}"),
                ])
            return try rows.first.map {
                try $0.int(0) == wanted.count && $0.int(1) == DemoLogins.all.count
            } ?? false
        } catch let error as TenancyError {
            throw error
        } catch let error as PostgresError {
            throw TenancyError(.unreachable, error.description)
        } catch {
            throw TenancyError(.failed, "\(error)")
        }
    }
}
