import Postgres

extension TenancyClient {
    /// Destroys what a company's trail holds of one row's values, on record; how many entries had any.
    ///
    /// Admins only. Nothing brings the values back, but a backup made before; the chain goes on to verify.
    ///
    /// - Parameters:
    ///   - urlID: the company's url id.
    ///   - table: the table that the row is in, or was in.
    ///   - id: the row's key, as the trail names it behind the table: `7` of `users/7`.
    ///   - reason: why; it is recorded.
    public func eraseValues(
        of urlID: String, table: String, id: String, reason: String
    ) async throws(TenancyError) -> Int64 {
        // A row's values are found by walking all of the company's.
        let row = try await wire.answer(
            "SELECT * FROM piste.erase_values($1, $2, $3, $4)",
            [.text(urlID), .text(table), .text(id), .text(reason)], deadline: .seconds(600))
        return try row.read { row throws(PostgresError) in Int64(try row.int("erased")) }
    }

    /// Removes the records up to a checkpoint's, of which a verified file with this digest is kept; how many they were.
    func removeArchived(
        of urlID: String, upTo seq: Int64, behind note: SignedNote, digest: String
    ) async throws(TenancyError) -> Int64 {
        let row = try await wire.answer(
            "SELECT * FROM piste.archive_trail($1, $2, $3, $4)",
            [.text(urlID), .int(seq), .text(note.file), .text(digest)], deadline: .seconds(3600))
        return try row.read { row throws(PostgresError) in Int64(try row.int("archived")) }
    }
}
