import Postgres
package import Signing

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
    package var previousHash: [UInt8]
    package var hash: [UInt8]

    package init(
        seq: Int64, atMicroseconds: Int64, actor: String, subject: String?, context: String?, action: String,
        resource: String, detail: String?, previousHash: [UInt8], hash: [UInt8]
    ) {
        self.seq = seq
        self.atMicroseconds = atMicroseconds
        self.actor = actor
        self.subject = subject
        self.context = context
        self.action = action
        self.resource = resource
        self.detail = detail
        self.previousHash = previousHash
        self.hash = hash
    }
}

extension ChainedRecord {
    /// What the first record follows: 32 zero bytes.
    package static let origin = [UInt8](repeating: 0, count: SHA256.byteCount)

    /// The moment in RFC 3339, UTC.
    package var at: String { Timestamp(microseconds: atMicroseconds).description }

    /// The hash of the record before, in hexadecimal.
    package var previousHashText: String { Hexadecimal.text(previousHash) }

    /// The record's own hash, in hexadecimal.
    package var hashText: String { Hexadecimal.text(hash) }

    /// The hash that the values have, computed here and not by the server.
    ///
    /// SHA-256 of the previous hash and each field as a netstring; NULL is the empty one. `signing.sql` says the same.
    package func computedHash() -> [UInt8] {
        var bytes = previousHash
        bytes.reserveCapacity(192 + (detail?.utf8.count ?? 0))
        for field in [String(seq), String(atMicroseconds), actor, subject, context, action, resource, detail]
        {
            let utf8 = (field ?? "").utf8
            bytes += String(utf8.count).utf8
            bytes.append(UInt8(ascii: ":"))
            bytes += utf8
            bytes.append(UInt8(ascii: ","))
        }
        return SHA256.hash(bytes)
    }
}
