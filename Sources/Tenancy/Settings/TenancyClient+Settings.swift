import Postgres

extension TenancyClient {
    /// Lists the engine's settings with what holds.
    public func settings() async throws(TenancyError) -> [EngineSetting] {
        let rows = try await wire.rows("SELECT * FROM piste.settings()")
        return try rows.read { row throws(PostgresError) in
            EngineSetting(
                name: try row.string("name"), value: try row.optionalString("value"),
                isChosen: try row.bool("chosen"), meaning: try row.string("what"),
                setAt: try row.optionalDate("set_at"), setBy: try row.optionalString("set_by"))
        }
    }

    /// Chooses a setting (admin), on record; nil goes back to the standard.
    @discardableResult
    public func setSetting(
        _ name: String, to value: String?
    ) async throws(TenancyError) -> EngineSettingChange {
        let row = try await wire.answer(
            "SELECT * FROM piste.set_setting($1, $2)", [.text(name), Parameter(value)])
        return try row.read { row throws(PostgresError) in
            EngineSettingChange(
                before: try row.optionalString("was"), now: try row.optionalString("holds"))
        }
    }

    /// How durable records are on this server, what follows it, and how its clock stands.
    public func durabilityReport() async throws(TenancyError) -> [DurabilityFinding] {
        let rows = try await wire.rows("SELECT * FROM piste.durability_report()")
        return try rows.read { row throws(PostgresError) in
            DurabilityFinding(
                subject: try row.string("subject"),
                state: DurabilityFinding.State(rawValue: try row.string("state")) ?? .problem,
                words: try row.string("what"), mend: try row.optionalString("mend"))
        }
    }
}
