/// The engine as SQL: what an installation runs, as a superuser, in one transaction.
package enum EngineScript {
    /// The version that `whoami()` reports once this script has run.
    package static let version = "2.0"

    /// A file of the engine or of a blueprint; names are unique across the topics.
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
        File("roles", PackageResources.roles_sql),
        File("ticket_patterns", PackageResources.ticket_patterns_sql),
        File("folding", PackageResources.folding_sql),
        File("control_tables", PackageResources.control_tables_sql),
        File("home", PackageResources.home_sql),
        File("installer", PackageResources.installer_sql),
        File("tickets", PackageResources.tickets_sql),
        File("jobs", PackageResources.jobs_sql),
        File("settings", PackageResources.settings_sql),
        File("role_makers", PackageResources.role_makers_sql),
        File("backends_and_roles", PackageResources.backends_and_roles_sql),
        File("turns", PackageResources.turns_sql),
        File("signing", PackageResources.signing_sql),
        File("announcements", PackageResources.announcements_sql),
        File("entries", PackageResources.entries_sql),
        File("sealing", PackageResources.sealing_sql),
        File("values", PackageResources.values_sql),
        File("gate", PackageResources.gate_sql),
        File("durability", PackageResources.durability_sql),
        File("servers", PackageResources.servers_sql),
        File("running", PackageResources.running_sql),
        File("engine_work", PackageResources.engine_work_sql),
        File("windows", PackageResources.windows_sql),
        File("stores", PackageResources.stores_sql),
        File("statistics", PackageResources.statistics_sql),
        File("adoption_tables", PackageResources.adoption_tables_sql),
        File("shared_tables", PackageResources.shared_tables_sql),
        File("companies", PackageResources.companies_sql),
        File("company_life", PackageResources.company_life_sql),
        File("quotas", PackageResources.quotas_sql),
        File("claims", PackageResources.claims_sql),
        File("tokens", PackageResources.tokens_sql),
        File("inspection", PackageResources.inspection_sql),
        File("contexts", PackageResources.contexts_sql),
        File("sessions", PackageResources.sessions_sql),
        File("leases", PackageResources.leases_sql),
        File("ticket_limits", PackageResources.ticket_limits_sql),
        File("ticket", PackageResources.ticket_sql),
        File("use", PackageResources.use_sql),
        File("missed", PackageResources.missed_sql),
        File("ticket_ends", PackageResources.ticket_ends_sql),
        File("shape", PackageResources.shape_sql),
        File("outbox", PackageResources.outbox_sql),
        File("drain", PackageResources.drain_sql),
        File("changes", PackageResources.changes_sql),
        File("reading", PackageResources.reading_sql),
        File("outside", PackageResources.outside_sql),
        File("verify", PackageResources.verify_sql),
        File("retention", PackageResources.retention_sql),
        File("figures", PackageResources.figures_sql),
        File("operators", PackageResources.operators_sql),
        File("stray_memberships", PackageResources.stray_memberships_sql),
        File("purge", PackageResources.purge_sql),
        File("sweeper", PackageResources.sweeper_sql),
        File("policy", PackageResources.policy_sql),
        File("requests", PackageResources.requests_sql),
        File("requests_decided", PackageResources.requests_decided_sql),
        File("signing_keys", PackageResources.signing_keys_sql),
        File("archive", PackageResources.archive_sql),
        File("restore", PackageResources.restore_sql),
        File("certificates", PackageResources.certificates_sql),
        File("migrations", PackageResources.migrations_sql),
        File("structure", PackageResources.structure_sql),
        File("window_check", PackageResources.window_check_sql),
        File("blueprint_check", PackageResources.blueprint_check_sql),
        File("company_rights", PackageResources.company_rights_sql),
        File("blueprint_trial", PackageResources.blueprint_trial_sql),
        File("blueprints", PackageResources.blueprints_sql),
        File("tool_trial", PackageResources.tool_trial_sql),
        File("adoption_look", PackageResources.adoption_look_sql),
        File("adoption_problems", PackageResources.adoption_problems_sql),
        File("adoption_guard", PackageResources.adoption_guard_sql),
        File("adoption_obstacles", PackageResources.adoption_obstacles_sql),
        File("adoption_guarded", PackageResources.adoption_guarded_sql),
        File("adoption_steps", PackageResources.adoption_steps_sql),
        File("adoption", PackageResources.adoption_sql),
        File("adoption_release", PackageResources.adoption_release_sql),
        File("adoption_proof", PackageResources.adoption_proof_sql),
        File("session_marks", PackageResources.session_marks_sql),
        File("addresses", PackageResources.addresses_sql),
        File("identity_providers", PackageResources.identity_providers_sql),
        File("provider_rules", PackageResources.provider_rules_sql),
        File("sign_in", PackageResources.sign_in_sql),
        File("metrics", PackageResources.metrics_sql),
        File("manifest", PackageResources.manifest_sql),
        File("proof_server", PackageResources.proof_server_sql),
        File("proof_surroundings", PackageResources.proof_surroundings_sql),
        File("proof_engine", PackageResources.proof_engine_sql),
        File("proof_roles", PackageResources.proof_roles_sql),
        File("proof_companies", PackageResources.proof_companies_sql),
        File("proof_structures", PackageResources.proof_structures_sql),
        File("proof", PackageResources.proof_sql),
        File("probes", PackageResources.probes_sql),
        File("server_begins", PackageResources.server_begins_sql),
        File("grants", PackageResources.grants_sql),
    ]

    /// What every company gets.
    ///
    /// Later versions of the engine add theirs behind it, each with the migration from the one before.
    package static let blueprints = [
        Blueprint(
            version: 1,
            company: File("blueprint_company", PackageResources.blueprint_company_sql),
            growth: File("blueprint_growth", PackageResources.blueprint_growth_sql),
            migration: nil,
        )
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
        // On a newer server than before, windows need what that one's planner asks for.
        parts.append("SELECT piste.mend_windows();")
        // After a restore, or a hand that took too much, roles of companies need what they had from the beginning.
        parts.append("SELECT piste.mend_company_rights();")
        // Last of all: what the catalogs say now is what the engine is.
        parts.append("SELECT piste.seal_engine();")
        parts.append("COMMIT;")
        // A sequence that was made and used in one transaction would begin anew after a crash where wal_level is minimal.
        parts.append("SELECT setval('piste.entry_id_seq', nextval('piste.entry_id_seq'));")
        return parts.joined(separator: "\n")
    }

    /// A dollar-quoted literal; no file of the engine contains its tag.
    private static func quoted(_ text: String) -> String {
        "$piste_file$\(text)$piste_file$"
    }
}
