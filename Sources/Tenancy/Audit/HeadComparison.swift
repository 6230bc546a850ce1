import Postgres
import Signing
import Text

/// What PostgreSQL says of a point through which a trail went once, as a checkpoint noted it.
package enum HeadComparison: Hashable, Sendable {
    /// The trail passes through it.
    case passes
    /// It lies among records that were archived: their file knows.
    case archived
    /// The trail's head went back, or has other records there: the numbers of what is lost, which is on record now.
    case lost(from: Int64, upTo: Int64)
    /// The checkpoint is of another company's trail, and nothing was compared.
    case foreign
}

extension TenancyClient {
    /// Holds a company's trail against a checkpoint that was kept outside; what is lost becomes `incident.head` in the engine's own
    /// trail, once for each checkpoint.
    ///
    /// Admins only. The caller verified the note's signature.
    package func compareHead(
        of urlID: String, with checkpoint: Checkpoint
    ) async throws(TenancyError) -> HeadComparison {
        let company = try await wire.rows("SELECT id FROM piste.company($1)", [.text(urlID)]).first
        if let company {
            let id = try company.read { row throws(PostgresError) in try row.string("id") }
            guard id == checkpoint.company else { return .foreign }
        }
        let row = try await wire.answer(
            "SELECT * FROM piste.compare_head($1, $2, $3)",
            [.text(urlID), .int(checkpoint.size), .text(Hexadecimal.text(checkpoint.root))])
        return try row.read { row throws(PostgresError) in
            switch try row.optionalBool("ok") {
            case true?: .passes
            case nil: .archived
            case false?:
                .lost(from: Int64(try row.int("lost_from")), upTo: Int64(try row.int("lost_to")))
            }
        }
    }
}
