import Postgres
import Signing
import Text

/// One record of a trail exactly as its hash covers it: every value the text that PostgreSQL prints, nothing rounded.
package struct ChainedRecord: Hashable, Sendable {
    package var seq: Int64
    /// Whole microseconds since 1970-01-01 00:00 UTC.
    package var atMicroseconds: Int64
    package var actor: String
    package var subject: String?
    package var context: String?
    package var action: String
    package var resource: String
    /// The text of the `jsonb`; nil when it is NULL.
    package var detail: String?
    /// SHA-256 of the salt and the text of the record's values, in hexadecimal; nil when it has none.
    package var valuesHash: String?
    package var previousHash: [UInt8]
    package var hash: [UInt8]

    package init(
        seq: Int64, atMicroseconds: Int64, actor: String, subject: String?, context: String?, action: String,
        resource: String, detail: String?, valuesHash: String?, previousHash: [UInt8], hash: [UInt8]
    ) {
        self.seq = seq
        self.atMicroseconds = atMicroseconds
        self.actor = actor
        self.subject = subject
        self.context = context
        self.action = action
        self.resource = resource
        self.detail = detail
        self.valuesHash = valuesHash
        self.previousHash = previousHash
        self.hash = hash
    }
}

extension ChainedRecord {
    /// What the first record of a company's trail follows; the zero uuid is the control trail.
    package static func origin(of company: String) -> [UInt8] {
        SHA256.hash(Array("piste trail 2 \(company.lowercased())".utf8))
    }

    /// The moment in RFC 3339, UTC.
    package var at: String { Timestamp(microseconds: atMicroseconds).description }

    /// The moment in whole milliseconds since the epoch.
    var atMilliseconds: Int64 {
        atMicroseconds / 1_000 - (atMicroseconds % 1_000 < 0 ? 1 : 0)
    }

    /// The code word of what was refused; nil where nothing was.
    var refusalCode: String? { detail.flatMap { AuditDetail.text("refusal", in: $0) } }

    /// The hash of the record before, in hexadecimal.
    package var previousHashText: String { Hexadecimal.text(previousHash) }

    /// The record's own hash, in hexadecimal.
    package var hashText: String { Hexadecimal.text(hash) }

    /// The hash that the values have, computed here and not by the server.
    ///
    /// SHA-256 of the previous hash and each field as a netstring; NULL is a lone hyphen. `sealing.sql` says the same.
    package func computedHash() -> [UInt8] {
        var bytes = previousHash
        bytes.reserveCapacity(192 + (detail?.utf8.count ?? 0))
        for field in [
            String(seq), String(atMicroseconds), actor, subject, context, action, resource, detail,
            valuesHash,
        ] {
            guard let utf8 = field?.utf8 else {
                bytes.append(UInt8(ascii: "-"))
                continue
            }
            bytes += String(utf8.count).utf8
            bytes.append(UInt8(ascii: ":"))
            bytes += utf8
            bytes.append(UInt8(ascii: ","))
        }
        return SHA256.hash(bytes)
    }
}
