import Foundation
import Testing

extension ConsoleWorld {
    /// Runs `piste` on the world's database as one of its operators, by default as the admin.
    func piste(
        _ arguments: String..., as login: String? = nil, environment: [String: String] = [:],
        input: String = ""
    ) async throws -> Piste.Outcome {
        var variables = ["PISTE_DATABASE_URL": url(login ?? bob)]
        variables.merge(environment) { $1 }
        return try await Piste.run(arguments, environment: variables, input: input)
    }

    /// How many records of this action a company's trail holds.
    func records(_ action: String, in urlID: String = "awesome") async throws -> Int {
        let home = try await home(urlID)
        let sql = "SELECT count(*) FROM piste_test.trail('\(home)') WHERE action = '\(action)'"
        return try await Int(value(sql) ?? "") ?? -1
    }
}

extension Piste.Outcome {
    /// The output as one JSON object.
    func object() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    /// The output as a JSON array of objects.
    func objects() throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]])
    }
}
