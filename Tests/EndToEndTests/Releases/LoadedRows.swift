import Postgres
import Tenancy

/// A few rows that whoever installed the engine loads past the gate.
enum LoadedRows {
    static let users = 3
    static let count = users + 2

    private static let moment = Timestamp(microseconds: 0)

    /// How many were loaded.
    static func load(into urlID: String, on connection: Connection) async throws -> Int {
        try await BulkImport(connection: connection).importRows(
            into: urlID,
            users: (1...users).map { number in
                ImportedUser(
                    id: Int64(number), email: "u\(number)@acme.example", name: "User \(number)",
                    createdAt: moment)
            },
            journeys: (1...2).map { number in
                ImportedJourney(
                    id: Int64(number), userID: Int64(number), name: "Onboarding", startedAt: moment,
                    updatedAt: moment)
            })
    }
}
