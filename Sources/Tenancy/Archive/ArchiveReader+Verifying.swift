import FoundationEssentials
import Signing
import Text

extension ArchiveReader {
    /// Reads everything once: each member against its digest, the lines against their number, and the audit trail record by
    /// record up to the head that the manifest names.
    ///
    /// - Returns: the SHA-256 of the archive as a whole.
    package func verify() throws(ArchiveError) -> String {
        try checked(through: []).digest
    }

    /// Verifies everything, the trail against checkpoints too; what the archive's digests prove, and what it only says.
    package func verify(
        through points: [ChainCheck.Point], digest expected: String? = nil
    ) throws(ArchiveError) -> ArchiveVerdict {
        let (check, digest) = try checked(through: points)
        if let expected, expected.lowercased() != digest {
            throw ArchiveError(.damaged, "its SHA-256 is \(digest), and not the one that was given")
        }
        var unproved = check.unproved
        if check.exporters[manifest.exported.context] == nil { unproved += ["exported by", "context"] }
        unproved += ["exported at", "name", "facts", "rows", "last_ids"]
        return ArchiveVerdict(
            digest: digest, trail: check.verdict, unproved: expected == nil ? unproved : [])
    }

    private func checked(
        through points: [ChainCheck.Point]
    ) throws(ArchiveError) -> (trail: ExportCheck, digest: String) {
        try checkFacts()
        let check = try checkTrail(through: points)
        for table in manifest.tables { try checkRows(table) }
        return (check, try digest())
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

    /// Follows the trail's lines to the head that the manifest names, and through what else is known of it.
    private func checkTrail(through points: [ChainCheck.Point]) throws(ArchiveError) -> ExportCheck {
        let end = manifest.trail
        guard let hash = Hexadecimal.bytes(end.hash), hash.count == SHA256.byteCount else {
            throw ArchiveError(.damaged, "the manifest names no last record of the trail")
        }
        var check = ExportCheck(
            company: manifest.company.id,
            through: points + [ChainCheck.Point(seq: end.seq, hash: hash, source: "the manifest")])
        try check.read(self)
        guard check.header == manifest.trailHeader(from: (end.beginsAfter ?? 0) + 1) else {
            throw ArchiveError(.damaged, "the trail's first line and the manifest are not of one export")
        }
        let verdict = check.verdict
        guard verdict.isIntact, verdict.entries == end.records else {
            throw ArchiveError(
                .damaged,
                "record \(verdict.firstBad ?? end.seq) of the trail: "
                    + (verdict.why ?? "the manifest says that the trail ends elsewhere"))
        }
        // An export that was sealed in time is in its own trail; by whom it was is no secret that the manifest keeps alone.
        if let exporter = check.exporters[manifest.exported.context], exporter != manifest.exported.by {
            throw ArchiveError(.damaged, "by the trail it was \(exporter) who exported in this context")
        }
        return check
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
