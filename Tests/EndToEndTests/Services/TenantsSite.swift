import Foundation
import LocalCluster
import Postgres
import TestSupport
import Testing

/// A site of django-tenants with ten tenants, made by its own tools, as a login of its own.
struct TenantsSite {
    let folder: String
    let python: String
    let login: String
    var variables: [String: String]

    /// Makes it in the world's database; nil without a Python that has what it needs.
    static func make(in folder: String, _ python: String?, _ world: ConsoleWorld) async throws -> TenantsSite?
    {
        guard let python else { return nil }
        try FileManager.default.copyItem(atPath: Driver.folder + "/tenants_site", toPath: folder)
        let login = world.database.roleName("django")
        try await world.owner.query("CREATE ROLE \(login) LOGIN")
        try await world.owner.query("GRANT CREATE ON DATABASE \(world.database.name) TO \(login)")
        try await world.owner.query("GRANT CREATE ON SCHEMA public TO \(login)")
        let site = TenantsSite(
            folder: folder, python: python, login: login,
            variables: [
                "PGHOST": world.database.cluster.socketDirectory, "PGDATABASE": world.database.name,
                "PGUSER": login, "PYTHONPATH": folder, "DJANGO_SETTINGS_MODULE": "settings",
                "PYTHONDONTWRITEBYTECODE": "1",
            ])
        _ = try await site.runs("-m", "django", "makemigrations", "clients", "shop")
        _ = try await site.runs("-m", "django", "migrate_schemas", "--shared")
        _ = try await site.runs("\(folder)/make.py")
        #expect(try await site.use() == "2")
        return site
    }

    /// Runs its Python to a good end; what it printed.
    func runs(_ arguments: String...) async throws -> String {
        let ended = try await Driver.run(
            // A path with an equals sign in it would be a variable to env.
            ["/bin/sh", "-c", #"exec "$0" "$@""#, python] + arguments, environment: variables)
        #expect(ended.status == 0, "\(arguments): \(ended.errors.suffix(2000))")
        return ended.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Its own tests: how many orders each tenant has then.
    func use() async throws -> String { try await runs("\(folder)/use.py") }
}
