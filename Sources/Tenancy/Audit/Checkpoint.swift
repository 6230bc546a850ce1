import Postgres
import Text

/// Where a company's trail stood at a moment: the number and the hash of its last record, to be kept by the customer.
///
/// The form is that of C2SP's tlog-checkpoint: origin, size, root. The trail is a linear chain and no Merkle tree: the root
/// is the last record's hash, whoever wants to compare has to walk the chain. The origin and a line of the note say so.
package struct Checkpoint: Hashable, Sendable {
    /// What every origin begins with; the company's uuid follows.
    package static let originPrefix = "piste/linear-hash-chain/"
    private static let kind = "kind linear SHA-256 hash chain, not a Merkle tree"

    /// The company's uuid; the zero uuid is the engine's own trail.
    package let company: String
    /// How many records the trail had: the number of the last one.
    package let size: Int64
    /// The last record's hash.
    package let root: [UInt8]
    /// Further lines, for people.
    package let notes: [String]

    package init(company: String, urlID: String?, size: Int64, root: [UInt8], at: String) {
        self.company = company
        self.size = size
        self.root = root
        notes = [Self.kind, "time \(at)"] + (urlID.map { ["company \($0)"] } ?? [])
    }

    /// The text that is signed.
    package var text: String {
        ([Self.originPrefix + company, String(size), Base64.text(root)] + notes).map { $0 + "\n" }.joined()
    }

    /// Reads the text of a note; throws what is wrong with it, naming the line.
    package init(_ text: String) throws(AuditFileError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard lines.count >= 3, !lines.contains("") else {
            throw AuditFileError("this note is not a checkpoint: origin, size and root are missing")
        }
        guard lines[0].hasPrefix(Self.originPrefix) else {
            throw AuditFileError(
                line: 1, "this is not a checkpoint of an audit trail: its origin is \(lines[0])")
        }
        company = String(lines[0].dropFirst(Self.originPrefix.count))
        guard Self.isUUID(company) else {
            throw AuditFileError(line: 1, "the origin names no company's uuid")
        }
        guard let size = Int64(lines[1]), size > 0, size < .max, String(size) == lines[1] else {
            throw AuditFileError(line: 2, "the size should be a whole number above 0")
        }
        guard let root = Base64.bytes(lines[2]), root.count == 32 else {
            throw AuditFileError(line: 3, "the root should be 32 bytes in base64")
        }
        guard lines.dropFirst(3).first.map(String.init) == Self.kind else {
            throw AuditFileError(line: 4, "the line that says what kind of chain this is is missing")
        }
        self.size = size
        self.root = root
        notes = lines.dropFirst(3).map(String.init)
    }

    /// The point that a trail must pass through.
    package func point(named source: String) -> ChainCheck.Point {
        ChainCheck.Point(seq: size, hash: root, source: source)
    }

    /// Tells whether it is a uuid as PostgreSQL writes one.
    static func isUUID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index)
                    ? byte == UInt8(ascii: "-") : "0123456789abcdef".utf8.contains(byte)
            }
    }
}
