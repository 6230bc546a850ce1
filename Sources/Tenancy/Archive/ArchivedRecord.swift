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
    /// The commitment to the record's values; nil when it has none.
    package var valuesHash: String?
    package var previousHash: String
    package var hash: String

    enum CodingKeys: String, CodingKey {
        case seq, actor, subject, context, action, resource, detail, hash
        case atMicroseconds = "at_us"
        case valuesHash = "values_hash"
        case previousHash = "previous_hash"
    }

    package init(line: some Sequence<UInt8>) throws(ArchiveError) {
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(line)) else {
            throw ArchiveError(.damaged, "a line of the trail cannot be read")
        }
        self = record
    }

    /// The record whose hash can be computed; nil when one of its hashes is none.
    package var chained: ChainedRecord? {
        guard let previous = Hexadecimal.bytes(previousHash), previous.count == SHA256.byteCount,
            let own = Hexadecimal.bytes(hash), own.count == SHA256.byteCount
        else { return nil }
        return ChainedRecord(
            seq: seq, atMicroseconds: atMicroseconds, actor: actor, subject: subject, context: context,
            action: action, resource: resource, detail: detail, valuesHash: valuesHash,
            previousHash: previous, hash: own)
    }
}
