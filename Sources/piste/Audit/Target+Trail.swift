import Tenancy

extension Target {
    /// Runs the body with somebody who may read the whole trail: an admin outside, everybody else inside.
    func reading<Value: Sendable>(
        trailOf company: String?, _ body: @escaping @Sendable (any AuditSource) async throws -> Value
    ) throws -> Value {
        let outcome = try withClient { client -> Value? in
            let level = try await client.whoAmI().level
            guard level == .admin || company == nil else { return nil }
            return try await body(client)
        }
        if let outcome { return outcome }
        return try inside(company ?? "") { session in try await body(session) }
    }
}
