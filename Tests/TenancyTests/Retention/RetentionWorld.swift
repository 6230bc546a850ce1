import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

extension EngineWorld {
    /// A company's number in the engine.
    func number(_ urlID: String) async throws -> String {
        try await owner.value("SELECT id FROM piste.company($1)", [.text(urlID)])
    }

    /// A company's values, as what stands behind FROM.
    func values(_ home: String) async throws -> String {
        let firm = try await owner.value(
            "SELECT id FROM piste.company WHERE schema_name = $1", [.text(home)])
        return "(SELECT * FROM piste.entry_values WHERE company = '\(firm)') AS v"
    }

    /// Changes a row of a company, which leaves an entry with values.
    func change(_ home: String, user id: Int = 7, to name: String) async throws {
        try await owner.query("UPDATE \(home).users SET name = $1 WHERE id = \(id)", [.text(name)])
    }

    /// Signs where a company's trail stands.
    func note(_ urlID: String, by signer: NoteSigner) async throws -> (note: SignedNote, noted: Checkpoint) {
        let checkpoint = try await client(bob) { try await $0.checkpoint(of: urlID, for: signer.verifier.id) }
        return (try SignedNote(checkpoint.text, by: signer), checkpoint)
    }

    /// What of a company's trail could be lost: its sealed records up to one, and the values of all.
    func holdings(_ urlID: String, _ home: String, upTo seq: Int64) async throws -> [Int] {
        [
            try await owner.number(
                "SELECT count(*) FROM piste.entry WHERE company = $1::uuid AND seq <= \(seq)",
                [.text(try await number(urlID))]),
            try await owner.count(try await values(home)),
        ]
    }

    /// Verifies a trail as PostgreSQL does.
    func verifyThere(_ urlID: String) async throws -> AuditVerdict {
        try await client(bob) { try await $0.verifyAudit(of: urlID) }
    }
}

/// A folder for files of trails, which goes with its body.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = NSTemporaryDirectory() + "piste-retention-\(UUID().uuidString.prefix(12))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
