import Postgres

extension TenantSession {
    /// Reads the users with these ids for a file, by name; ids that are gone are left out.
    package func exportedUsers(_ ids: [Int64]) async throws(TenancyError) -> [User] {
        guard !ids.isEmpty else { return [] }
        try await requireBlueprint()
        try await declare("users.export", "users", ["users": .numbers(ids)])
        return try await gated(
            """
            SELECT \(Self.columns), u.name::text AS sort_key
            FROM users u
            WHERE u.id = ANY ($1::bigint[])
            ORDER BY u.name, u.id
            """, [Self.list(ids)]
        ).read(User.init(row:))
    }

    /// Reads the journeys with these ids for a file, the last moved first; ids that are gone are left out.
    package func exportedJourneys(_ ids: [Int64]) async throws(TenancyError) -> [Journey] {
        guard !ids.isEmpty else { return [] }
        try await requireBlueprint()
        try await declare("journeys.export", Self.allResources, ["journeys": .numbers(ids)])
        return try await readJourneys(
            "AND j.id = ANY ($2::bigint[])", .updatedAt, orderBy: "j.updated_at DESC, j.id",
            [.int(Int64(ids.count)), Self.list(ids)])
    }

    static func list(_ ids: [Int64]) -> Parameter { list(ids.map(String.init)) }

    /// Values of an array, each as it is written in one.
    static func list(_ values: [String]) -> Parameter { .text("{" + values.joined(separator: ",") + "}") }
}
