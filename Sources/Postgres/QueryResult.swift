import CLibpq

/// One finished result of libpq, freed with its last reader.
///
/// libpq never changes a result once it is made, so that any number of threads may read it.
final class QueryResult: @unchecked Sendable {
    let raw: OpaquePointer
    let columns: [String]
    let rowCount: Int

    init(taking raw: OpaquePointer) {
        self.raw = raw
        columns = (0..<PQnfields(raw)).map { PQfname(raw, $0).map { String(cString: $0) } ?? "" }
        rowCount = Int(PQntuples(raw))
    }

    deinit {
        PQclear(raw)
    }

    var affected: Int { PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }
    var commandTag: String { PQcmdStatus(raw).map { String(cString: $0) } ?? "" }

    /// The bytes of one value, or nil for NULL; valid while this result lives.
    func withValue<Value>(row: Int, column: Int, _ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(raw, row, column) == 0 else { return nil }
        let length = Int(PQgetlength(raw, row, column))
        return body(UnsafeRawBufferPointer(start: PQgetvalue(raw, row, column), count: length))
    }
}
