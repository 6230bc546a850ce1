import FoundationEssentials
import Signing

/// A record of an audit trail as an archive holds it: exactly the fields that its hash covers.
package struct ArchivedRecord: Codable, Hashable, Sendable {
    package var seq: Int64
    /// Whole microseconds since the epoch.
    package var atMicroseconds: Int64
    package var actor: String
    package var subject: String?
    package var context: String?
    package var action: String
    package var resource: String
    /// The text of the detail as the server hashed it.
    package var detail: String?
    package var previousHash: String
    package var hash: String

    enum CodingKeys: String, CodingKey {
        case seq, actor, subject, context, action, resource, detail, hash
        case atMicroseconds = "at_us"
        case previousHash = "previous_hash"
    }

    /// The hash before the first record.
    static let origin = String(repeating: "00", count: SHA256.byteCount)

    package init(line: some Sequence<UInt8>) throws(ArchiveError) {
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(line)) else {
            throw ArchiveError(.damaged, "a line of the trail cannot be read")
        }
        self = record
    }

    /// The hash by the rule of `m0004_crypto.sql`; nil when the hash before it is none.
    package var computedHash: String? {
        guard let previous = Hexadecimal.bytes(previousHash), previous.count == SHA256.byteCount else {
            return nil
        }
        var hash = SHA256()
        hash.update(previous)
        for field in [
            String(seq), String(atMicroseconds), actor, subject, context, action, resource, detail,
        ] {
            hash.update("\(field?.utf8.count ?? 0):\(field ?? ""),".utf8)
        }
        return Hexadecimal.text(hash.finished())
    }
}
