import Postgres

extension TenancyClient {
    /// Lists the operators.
    public func operators() async throws(TenancyError) -> [Operator] {
        let rows = try await wire.rows("SELECT * FROM piste.operators()")
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            Operator(
                login: try row.string("login"),
                level: Operator.Level(rawValue: try row.string("level")) ?? .viewer,
                addedAt: try row.optionalDate("added_at"), problem: try row.optionalString("problem"),
                hasSessions: try row.bool("sessions"), drains: try row.bool("drains"))
        }
    }

    /// Registers a login, or changes its level; makes the login when there is none, without a password.
    ///
    /// A service works by tickets; with `sessions` it may hold contexts too, each on a connection of its own.
    ///
    /// - Returns: whether the login was made.
    @discardableResult
    public func addOperator(
        _ login: String, level: Operator.Level, sessions: Bool = false
    ) async throws(TenancyError) -> Bool {
        let row = try await wire.answer(
            "SELECT * FROM piste.add_operator($1, $2, $3)",
            [.text(login), .text(level.rawValue), .bool(sessions)],
            deadline: Wire.patienceForRoles)
        return try row.read { row throws(PostgresError) in try row.optionalBool("login_created") ?? false }
    }

    /// Takes every right in this database from a login; the login itself stays.
    ///
    /// - Returns: how many of its contexts ended.
    @discardableResult
    public func removeOperator(_ login: String) async throws(TenancyError) -> Int {
        let row = try await wire.answer(
            "SELECT * FROM piste.remove_operator($1)", [.text(login)], deadline: Wire.patienceForRoles)
        return try row.read { row throws(PostgresError) in try row.optionalInt("contexts_ended") ?? 0 }
    }

    /// The operators' logins that may take every connection of the server (admin); a login that the engine makes may not.
    package func unlimitedLogins() async throws(TenancyError) -> [String] {
        try await wire.rows(
            """
            SELECT o.login FROM piste.operators() AS o JOIN pg_catalog.pg_roles AS r ON r.rolname = o.login
            WHERE r.rolconnlimit < 0 ORDER BY 1
            """
        ).read { row throws(PostgresError) in try row.string(0) }
    }
}
