import Postgres

extension TenancyClient {
    /// Notes the head of a company's trail, for a checkpoint that the key signs; nil is the engine's own trail.
    ///
    /// Admins only. What waits is sealed first, and the trail gets an `audit.checkpoint`. The record that is noted is hashed again
    /// here.
    package func checkpoint(of urlID: String?, for key: NoteKeyID) async throws(TenancyError) -> Checkpoint {
        try await sealFirst()
        let row = try await wire.answer(
            "SELECT * FROM piste.audit_checkpoint($1, $2)", [Parameter(urlID), .text(key.description)])
        let (company, time) = try row.read { row throws(PostgresError) in
            (try row.string("company"), try row.timestamp("noted_at"))
        }
        let head = try row.read(ChainedRecord.init(namedIn:))
        guard head.computedHash() == head.hash else {
            throw TenancyError(
                .failed,
                "Record \(head.seq) does not match its hash: the trail is broken, nothing was signed.")
        }
        let second = time.microseconds - time.microseconds % 1_000_000
        return Checkpoint(
            company: company, urlID: urlID, size: head.seq, root: head.hash,
            at: Timestamp(microseconds: second).description)
    }
}
