/// What an archive says about itself: where it comes from, what is in it, and the digest of every other member.
public struct ArchiveManifest: Codable, Hashable, Sendable {
    /// The company as it was called when it was exported.
    public struct Origin: Codable, Hashable, Sendable {
        /// Its number, the same for all its life.
        public var id: String
        /// Its short name.
        public var urlID: String
        /// Its display name.
        public var name: String

        enum CodingKeys: String, CodingKey {
            case id, name
            case urlID = "url_id"
        }
    }

    /// Who exported, and when.
    public struct Export: Codable, Hashable, Sendable {
        /// The operator's login.
        public var by: String
        /// The context in which the rows were read.
        public var context: String
        /// The server's clock, in whole microseconds since the epoch.
        public var atMicroseconds: Int64

        enum CodingKeys: String, CodingKey {
            case by, context
            case atMicroseconds = "at_us"
        }
    }

    /// Where the company's audit trail stood in the snapshot of the rows.
    public struct Trail: Codable, Hashable, Sendable {
        /// The number of the last record.
        public var seq: Int64
        /// Its hash.
        public var hash: String
        /// The number of the last record that had been archived, and is not among these; nil where none had been.
        public var beginsAfter: Int64?

        /// How many records there are.
        public var records: Int64 { seq - (beginsAfter ?? 0) }

        enum CodingKeys: String, CodingKey {
            case seq, hash
            case beginsAfter = "begins_after"
        }
    }

    /// The rows of one table.
    public struct Table: Codable, Hashable, Sendable {
        /// Its name in the company's schema.
        public var name: String
        /// Its columns, in the order of the values.
        public var columns: [String]
        /// How many rows there are.
        public var rows: Int
    }

    /// One file inside the archive.
    public struct Member: Codable, Hashable, Sendable {
        /// Its path in the archive.
        public var name: String
        /// Its length.
        public var bytes: Int64
        /// Its SHA-256, in hexadecimal digits.
        public var sha256: String
    }

    /// Says what kind of file this is.
    public var kind = Self.kind
    /// The layout of the archive; a higher one is not understood.
    public var formatVersion = Self.formatVersion
    /// The form of the rows.
    public var format: ArchiveFormat
    /// The engine that exported.
    public var engineVersion: String
    /// The blueprint that the company was built by.
    public var blueprintVersion: Int
    /// The company.
    public var company: Origin
    /// The export.
    public var exported: Export
    /// The head of the trail.
    public var trail: Trail
    /// The tables, in the order in which they are loaded.
    public var tables: [Table]
    /// The last number that each identity column gave out, by `table.column`.
    public var lastIDs: [String: Int64]
    /// The other members, in their order.
    public var members: [Member]

    static let kind = "piste company archive"
    static let formatVersion = 2
    static let name = "manifest.json"
    /// The last member: the digest of every other one, the manifest's too, as `sha256sum -c` reads them.
    static let sumsName = "SHA256SUMS"
    static let factsName = "company.json"
    static let trailName = "audit.jsonl"

    enum CodingKeys: String, CodingKey {
        case kind, format, company, exported, trail, tables, members
        case formatVersion = "format_version"
        case engineVersion = "engine_version"
        case blueprintVersion = "blueprint_version"
        case lastIDs = "last_ids"
    }

    /// What `SHA256SUMS` holds.
    static func sums(of members: [Member]) -> String {
        members.map { "\($0.sha256)  \($0.name)\n" }.joined()
    }

    /// The first line of the trail.
    func trailHeader(from first: Int64) -> AuditHeader {
        AuditHeader(
            company: company.id, urlID: company.urlID, engineVersion: engineVersion, firstSeq: first,
            lastSeq: trail.seq)
    }

    /// The member that holds a table's rows.
    static func dataName(_ table: String, _ format: ArchiveFormat) -> String {
        "data/\(table).\(format.rawValue)"
    }

    /// A name that a table of a company can have, and that needs no care anywhere.
    static func isPlainName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 63, isLetter(first) else { return false }
        return bytes.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
