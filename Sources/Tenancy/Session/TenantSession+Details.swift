import Postgres

extension TenantSession {
    /// Reads a user with its journeys and their steps, under one declaration (in an adopted company two, and without steps); nil when there is none.
    public func userDetail(_ id: Int64) async throws(TenancyError) -> UserDetail? {
        if let played = try await playedTables() {
            guard let user = try await user(id) else { return nil }
            let hasJourneys = played.journeys?.column("user") != nil
            let journeys = hasJourneys ? try await journeys(of: id, PageRequest(limit: 100)).rows : []
            return UserDetail(user: user, journeys: journeys, steps: [])
        }
        try await declare("users.read", Self.allResources, ["user": .number(id)])
        guard let user = try await readUser(id) else { return nil }
        let journeys = try await readJourneys(
            "AND j.user_id = $2", .updatedAt, orderBy: "j.updated_at DESC, j.id DESC", [.int(100), .int(id)])
        return UserDetail(user: user, journeys: journeys, steps: try await readSteps(of: journeys.map(\.id)))
    }

    /// Reads a journey with its steps, under one declaration; nil when there is none.
    public func journeyDetail(_ id: Int64) async throws(TenancyError) -> JourneyDetail? {
        guard let journey = try await journey(id) else { return nil }
        if try await playedTables() != nil { return JourneyDetail(journey: journey, steps: []) }
        return JourneyDetail(journey: journey, steps: try await readSteps(of: [id]))
    }
}
