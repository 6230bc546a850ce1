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
    package func digest() throws(ArchiveError) -> String { try file.digest() }

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
            facts.id == manifest.company.id, facts.urlID == manifest.company.urlID,
            facts.id != ChainCheck.engine
        else { throw ArchiveError(.damaged, "the facts and the manifest are about two companies") }
    }

    private func checkTrail() throws(ArchiveError) {
        let end = manifest.trail
        guard end.seq > 0, (0..<end.seq).contains(end.beginsAfter ?? 0),
            let hash = Hexadecimal.bytes(end.hash)
        else {
            throw ArchiveError(.damaged, "the manifest names no last record of the trail")
        }
        let beginsAfter = end.beginsAfter ?? 0
        var check = ChainCheck(
            company: manifest.company.id, first: beginsAfter + 1,
            through: [ChainCheck.Point(seq: end.seq, hash: hash, source: "the manifest")])
        var rest: [UInt8] = []
        let stream = try stream(ArchiveManifest.trailName)
        while let piece = try stream.next() {
            rest += piece
            var start = 0
            while let newline = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                guard let record = try ArchivedRecord(line: rest[start..<newline]).chained else {
                    throw ArchiveError(.damaged, "a record of the trail has a hash that is none")
                }
                check.add(record)
                start = newline + 1
            }
            rest.removeFirst(start)
            guard rest.count <= Int(Self.smallMember) else {
                throw ArchiveError(.damaged, "a line of the trail is too long")
            }
        }
        guard rest.isEmpty else { throw ArchiveError(.damaged, "the trail ends within a line") }
        let verdict = check.verdict(end: end.seq)
        guard verdict.isIntact, verdict.entries == end.records else {
            throw ArchiveError(
                .damaged,
                "record \(verdict.firstBad ?? end.seq + 1) of the trail: "
                    + (verdict.why ?? "the manifest says that the trail ends before it"))
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
