import Postgres

/// The server and the database that an installation finds, and who installs.
struct InstallationPlace: Sendable {
    let isInstalled: Bool
    private let number: Int
    private let version: String
    private let login: String
    private let isSuperuser: Bool
    private let canMakeRoles: Bool
    private let ownsDatabase: Bool
    /// The predefined roles that the engine needs and this login may not pass on.
    private let withheld: [String]
    /// Those of the engine's own roles, of another database of this cluster, that this login may not give to itself.
    private let foreign: Int
    private let prepares: Bool
    /// Whoever owns the engine's schema, where that is not the engine's owner: a dump was restored without its roles.
    private let strangeOwner: String?

    init(_ wire: Wire) async throws(TenancyError) {
        let rows = try await wire.rows(
            """
            SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
                current_user::text AS login, r.rolsuper AS is_superuser, r.rolcreaterole AND r.rolinherit AS makes_roles,
                pg_has_role(d.datdba, 'USAGE') AS owns_database,
                to_regclass('piste.engine_version') IS NOT NULL AS is_installed,
                current_setting('max_prepared_transactions') <> '0' AS prepares,
                (
                    SELECT pg_get_userbyid(n.nspowner)::text FROM pg_namespace n
                    WHERE n.nspname = 'piste' AND pg_get_userbyid(n.nspowner) <> 'piste_owner'
                ) AS strange_owner,
                CASE WHEN current_setting('server_version_num')::int >= 160000 AND NOT r.rolsuper THEN concat_ws(', ',
                    CASE WHEN NOT pg_has_role('pg_signal_backend', 'USAGE WITH ADMIN OPTION') THEN 'pg_signal_backend' END,
                    CASE WHEN NOT pg_has_role('pg_monitor', 'USAGE WITH ADMIN OPTION')
                        AND NOT (pg_has_role('pg_read_all_stats', 'USAGE WITH ADMIN OPTION')
                            AND pg_has_role('pg_read_all_settings', 'USAGE WITH ADMIN OPTION'))
                        THEN 'pg_monitor' END) ELSE '' END AS withheld,
                (
                    SELECT count(*) FROM pg_catalog.pg_roles e
                    WHERE e.rolname ~ '^piste_(owner|signal|roles(_[0-9a-f]{2})?)$' AND NOT r.rolsuper
                      AND current_setting('server_version_num')::int >= 160000
                      AND NOT pg_has_role(e.oid, 'USAGE WITH ADMIN OPTION')
                )::int AS foreign
            FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
            WHERE r.rolname = current_user AND d.datname = current_database()
            """)
        guard let row = rows.first else { throw TenancyError(.failed, "The server gave no answer.") }
        self = try row.read(InstallationPlace.init(row:))
    }

    private init(row: Row) throws(PostgresError) {
        isInstalled = try row.bool("is_installed")
        number = try row.int("number")
        version = try row.string("version")
        login = try row.string("login")
        isSuperuser = try row.bool("is_superuser")
        canMakeRoles = try row.bool("makes_roles")
        ownsDatabase = try row.bool("owns_database")
        withheld = try row.string("withheld").split(separator: ",").map { String($0.filter { $0 != " " }) }
        foreign = try row.int("foreign")
        prepares = try row.bool("prepares")
        strangeOwner = try row.optionalString("strange_owner")
    }

    /// Throws, with what would be right, where the engine cannot be installed.
    func check() throws(TenancyError) {
        guard number >= 150_014 else {
            throw TenancyError(.invalid, "This server is PostgreSQL \(version); Piste needs 15.14 or newer.")
        }
        if let strangeOwner {
            throw TenancyError(
                .failed,
                "This database was restored without the cluster's roles, so that the engine belongs to \(strangeOwner): "
                    + "restore the roles first (pg_dumpall --globals-only on the old server), then the dump again, into an "
                    + "empty database. Nothing was changed.")
        }
        try checkRights()
        guard !prepares else {
            throw TenancyError(
                .invalid,
                "This server allows prepared transactions, which hold locks that nothing can end; Piste needs "
                    + "max_prepared_transactions = 0, and a restart for it.")
        }
    }

    private func checkRights() throws(TenancyError) {
        guard !isSuperuser else { return }
        guard canMakeRoles, ownsDatabase else {
            throw TenancyError(
                .notAllowed,
                "Installing the engine takes a superuser, or the owner of the database with CREATEROLE and INHERIT."
            )
        }
        guard withheld.isEmpty else {
            throw TenancyError(
                .notAllowed,
                "\(login) may not pass on \(withheld.joined(separator: " and ")), which the engine needs to see and end "
                    + "backends: GRANT \(withheld.joined(separator: ", ")) TO \(Quoted.identifier(login)) WITH ADMIN OPTION, "
                    + "as whoever keeps the server.")
        }
        guard foreign == 0 else {
            throw TenancyError(
                .notAllowed,
                "The engine's roles are in this cluster already, for another database, and \(login) did not make them: whoever "
                    + "did, or a superuser, runs piste init here too. Nothing was changed.")
        }
    }
}
