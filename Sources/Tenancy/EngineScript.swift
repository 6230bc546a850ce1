/// The engine as SQL: what an installation runs, as a superuser, in one transaction.
package enum EngineScript {
    /// The version that `whoami()` reports once this script has run.
    package static let version = "1.1"

    /// A numbered file of the engine or of a blueprint.
    package struct File: Sendable {
        package let name: String
        package let sql: String

        fileprivate init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.sql = String(decoding: bytes, as: UTF8.self)
        }
    }

    /// What builds a company's schema, what prepares it for many rows, and the way from the version before.
    package struct Blueprint: Sendable {
        package let version: Int
        package let company: File
        package let growth: File
        /// Nil for the first version.
        package let migration: File?

        /// The SQL that registers it, after a trial when it is new or changed.
        package var registration: String {
            let texts = [company, growth, migration].map { $0.map { quoted($0.sql) } ?? "NULL" }
            return "SELECT piste.register_blueprint('engine \(version)', \(texts.joined(separator: ", ")));"
        }
    }

    /// The engine's files in the order in which they run.
    package static let files = [
        File("m0001_roles", PackageResources.m0001_roles_sql),
        File("m0002_control_tables", PackageResources.m0002_control_tables_sql),
        File("m0003_backends_and_roles", PackageResources.m0003_backends_and_roles_sql),
        File("m0004_crypto", PackageResources.m0004_crypto_sql),
        File("m0005_audit", PackageResources.m0005_audit_sql),
        File("m0006_gate", PackageResources.m0006_gate_sql),
        File("m0007_search", PackageResources.m0007_search_sql),
        File("m0008_companies", PackageResources.m0008_companies_sql),
        File("m0009_company_life", PackageResources.m0009_company_life_sql),
        File("m0010_tokens", PackageResources.m0010_tokens_sql),
        File("m0011_contexts", PackageResources.m0011_contexts_sql),
        File("m0011_sessions", PackageResources.m0011_sessions_sql),
        File("m0012_changes", PackageResources.m0012_changes_sql),
        File("m0013_verify", PackageResources.m0013_verify_sql),
        File("m0014_operators", PackageResources.m0014_operators_sql),
        File("m0015_sweeper", PackageResources.m0015_sweeper_sql),
        File("m0016_policy", PackageResources.m0016_policy_sql),
        File("m0017_requests", PackageResources.m0017_requests_sql),
        File("m0017_requests_decided", PackageResources.m0017_requests_decided_sql),
        File("m0018_keys", PackageResources.m0018_keys_sql),
        File("m0019_statistics", PackageResources.m0019_statistics_sql),
        File("m0020_archive", PackageResources.m0020_archive_sql),
        File("m0021_migrations", PackageResources.m0021_migrations_sql),
        File("m0021_structure", PackageResources.m0021_structure_sql),
        File("m0022_blueprint_check", PackageResources.m0022_blueprint_check_sql),
        File("m0022_blueprints", PackageResources.m0022_blueprints_sql),
        File("m0023_audit_outside", PackageResources.m0023_audit_outside_sql),
        File("m0024_services", PackageResources.m0024_services_sql),
        File("m0025_figures", PackageResources.m0025_figures_sql),
        File("m0026_sign_in", PackageResources.m0026_sign_in_sql),
        File("m0027_metrics", PackageResources.m0027_metrics_sql),
        File("m0030_manifest", PackageResources.m0030_manifest_sql),
        File("m0031_proof_server", PackageResources.m0031_proof_server_sql),
        File("m0032_proof_roles", PackageResources.m0032_proof_roles_sql),
        File("m0033_proof_companies", PackageResources.m0033_proof_companies_sql),
        File("m0033_proof_structures", PackageResources.m0033_proof_structures_sql),
        File("m0034_proof", PackageResources.m0034_proof_sql),
        File("m0035_probes", PackageResources.m0035_probes_sql),
        File("m0090_grants", PackageResources.m0090_grants_sql),
    ]

    /// The blueprints by version; `create_company` builds with the newest.
    package static let blueprints = [
        Blueprint(
            version: 1,
            company: File("b0001_company", PackageResources.b0001_company_sql),
            growth: File("b0001_growth", PackageResources.b0001_growth_sql),
            migration: nil,
        ),
        Blueprint(
            version: 2,
            company: File("b0002_company", PackageResources.b0002_company_sql),
            growth: File("b0002_growth", PackageResources.b0002_growth_sql),
            migration: File("b0002_migration", PackageResources.b0002_migration_sql),
        ),
        Blueprint(
            version: 3,
            company: File("b0003_company", PackageResources.b0003_company_sql),
            growth: File("b0003_growth", PackageResources.b0003_growth_sql),
            migration: File("b0003_migration", PackageResources.b0003_migration_sql),
        ),
    ]

    /// The engine's files and those of the blueprints.
    package static var allFiles: [File] {
        files + blueprints.flatMap { [$0.company, $0.growth] + ($0.migration.map { [$0] } ?? []) }
    }

    /// The whole installation as one text for one simple query: it begins and commits by itself, and can run again.
    package static var text: String {
        var parts = ["BEGIN;"]
        parts += files.map(\.sql)
        parts += blueprints.map(\.registration)
        let names = allFiles.map { "'\($0.name)'" }.joined(separator: ", ")
        parts.append("DELETE FROM piste.engine_file WHERE name NOT IN (\(names));")
        parts += allFiles.map { file in
            """
            INSERT INTO piste.engine_file (name, checksum)
            VALUES ('\(file.name)', encode(sha256(convert_to(\(quoted(file.sql)), 'UTF8')), 'hex'))
            ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, applied_at = clock_timestamp();
            """
        }
        parts.append("INSERT INTO piste.engine_version (version) VALUES ('\(version)');")
        // Last of all: what the catalogs say now is what the engine is.
        parts.append("SELECT piste.seal_engine();")
        parts.append("COMMIT;")
        return parts.joined(separator: "\n")
    }

    /// A dollar-quoted literal; no file of the engine contains its tag.
    private static func quoted(_ text: String) -> String {
        "$piste_file$\(text)$piste_file$"
    }
}
