import FoundationEssentials
import Signing

extension ArchiveReader {
    /// Reads everything once: each member against its digest, the lines against their number, and the audit trail record by
    /// record up to the head that the manifest names.
    ///
    /// - Returns: the SHA-256 of the archive as a whole.
    package func verify() throws(ArchiveError) -> String {
        try checkFacts()
        try checkTrail()
        for table in manifest.tables { try checkRows(table) }
        return try digest()
    }

    /// The SHA-256 of the whole file.
    package func digest() throws(ArchiveError) -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.read(at: offset, Self.pieceSize)
            guard !piece.isEmpty else { return Hexadecimal.text(hash.finished()) }
            hash.update(piece)
            offset += Int64(piece.count)
        }
    }

    private func checkFacts() throws(ArchiveError) {
        struct Facts: Decodable {
            var id: String
            var urlID: String

            enum CodingKeys: String, CodingKey {
                case id
                case urlID = "url_id"
            }
        }
        guard let facts = try? JSONDecoder().decode(Facts.self, from: Data(try facts().utf8)),
            facts.id == manifest.company.id, facts.urlID == manifest.company.urlID
        else { throw ArchiveError(.damaged, "the facts and the manifest are about two companies") }
    }

    private func checkTrail() throws(ArchiveError) {
        var proof = TrailProof(company: manifest.company.id)
        var rest: [UInt8] = []
        let stream = try stream(ArchiveManifest.trailName)
        while let piece = try stream.next() {
            rest += piece
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try proof.add(ArchivedRecord(line: rest[start..<end]))
                start = end + 1
            }
            rest.removeFirst(start)
            guard rest.count <= Int(Self.smallMember) else {
                throw ArchiveError(.damaged, "a line of the trail is too long")
            }
        }
        guard rest.isEmpty, proof.seq == manifest.trail.seq, proof.hash == manifest.trail.hash, proof.seq > 0
        else {
            throw ArchiveError(.damaged, "the trail does not end with the record that the manifest names")
        }
    }

    /// Reads the rows for their digest; where a row is a line, the lines are counted too.
    private func checkRows(_ table: ArchiveManifest.Table) throws(ArchiveError) {
        var lines = 0
        let stream = try stream(ArchiveManifest.dataName(table.name, manifest.format))
        while let piece = try stream.next() {
            for byte in piece where byte == UInt8(ascii: "\n") { lines += 1 }
        }
        guard manifest.format == .csv || lines == table.rows else {
            throw ArchiveError(
                .damaged, "\(table.name) has \(lines) rows, and the manifest names \(table.rows)")
        }
    }
}

/// Follows an audit trail from its first record on.
struct TrailProof {
    private let company: String
    private(set) var seq: Int64 = 0
    private(set) var hash = ArchivedRecord.origin

    init(company: String) {
        self.company = company
    }

    mutating func add(_ record: ArchivedRecord) throws(ArchiveError) {
        guard record.seq == seq + 1, record.previousHash == hash else {
            throw ArchiveError(.damaged, "record \(record.seq) of the trail does not follow record \(seq)")
        }
        guard record.computedHash == record.hash else {
            throw ArchiveError(.damaged, "record \(record.seq) of the trail does not match its hash")
        }
        if seq == 0 { try checkFirst(record) }
        seq = record.seq
        hash = record.hash
    }

    private func checkFirst(_ record: ArchivedRecord) throws(ArchiveError) {
        struct Creation: Decodable {
            var company: String
        }
        let creation = record.detail.flatMap {
            try? JSONDecoder().decode(Creation.self, from: Data($0.utf8))
        }
        guard record.action == "company.create", creation?.company == company else {
            throw ArchiveError(.damaged, "the trail is that of another company")
        }
    }
}
