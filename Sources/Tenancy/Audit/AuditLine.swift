import Text

/// A trail as JSON lines: a header, and one record a line.
///
/// Whoever has the lines can verify the chain without PostgreSQL.
package enum AuditLine {
    /// The name that a header gives the format.
    package static let format = "piste-audit"
    /// The version of the format.
    package static let version = 2

    /// Appends a record and its line end.
    ///
    /// `detail` is a JSON *text* that holds the text of the `jsonb`, because the hash covers exactly that; `at` is there for
    /// people, `at_us` for the hash.
    package static func append(_ record: ChainedRecord, to bytes: inout [UInt8]) {
        bytes += "{\"seq\":\(record.seq),\"at_us\":\(record.atMicroseconds),\"at\":\"\(record.at)\"".utf8
        append("actor", record.actor, to: &bytes)
        append("subject", record.subject, to: &bytes)
        append("context", record.context, to: &bytes)
        append("action", record.action, to: &bytes)
        append("resource", record.resource, to: &bytes)
        append("detail", record.detail, to: &bytes)
        append("values_hash", record.valuesHash, to: &bytes)
        append("previous_hash", record.previousHashText, to: &bytes)
        append("hash", record.hashText, to: &bytes)
        bytes += "}\n".utf8
    }

    /// Appends a header and its line end.
    package static func append(_ header: AuditHeader, to bytes: inout [UInt8]) {
        bytes += "{\"format\":\"\(format)\",\"version\":\(version)".utf8
        append("company", header.company, to: &bytes)
        append("url_id", header.urlID, to: &bytes)
        append("engine_version", header.engineVersion, to: &bytes)
        bytes += ",\"first_seq\":\(header.firstSeq),\"last_seq\":\(header.lastSeq)}\n".utf8
    }

    private static func append(_ key: String, _ value: String?, to bytes: inout [UInt8]) {
        bytes += ",\"".utf8
        bytes += key.utf8
        bytes += "\":".utf8
        JSONText.append(value, to: &bytes)
    }
}
