import Glibc
import TestSupport
import Testing

@testable import Tenancy

/// Ten thousand damaged exports, archives and notes: none ends the program, and none is believed for what it is not.
struct TrailFuzzTests {
    private static let mutations = 10_000

    /// Four records, which fit into a few hundred bytes each.
    private static let records = TrailFixture.chained(
        TrailFixture.chain().prefix(4).map { record in
            var record = record
            record.actor = String(record.actor.prefix(40))
            return record
        })
    private static var header: AuditHeader {
        var header = TrailFixture.header
        header.lastSeq = 4
        return header
    }

    /// What is read in a file that was taken as whole.
    private static func read(_ bytes: [UInt8]) throws -> (header: AuditHeader?, records: [ChainedRecord]) {
        var header: AuditHeader?
        var records: [ChainedRecord] = []
        for line in bytes.split(separator: 0x0A) {
            switch try AuditLine.content(of: line, line: 1) {
            case .header(let read): header = read
            case .record(let record): records.append(record)
            }
        }
        return (header, records)
    }

    @Test func believesNoDamagedExport() async throws {
        let sound = Array(
            TrailFixture.lines(Self.records, header: Self.header).map { $0 + "\n" }.joined().utf8)
        let head = try #require(Self.records.last)
        let point = ChainCheck.Point(seq: head.seq, hash: head.hash, source: "the note")
        var mutator = Mutator(seed: 18, words: ["\"seq\":", "first_seq", "last_seq", "piste-audit", "at_us"])
        try await withTemporaryDirectory { folder in
            let path = folder + "/export"
            var believed = 0
            for round in 0..<Self.mutations {
                let bytes = mutator.changed(sound)
                write(bytes, to: path)
                guard
                    let check = try? ExportCheck(
                        path: path, company: TrailFixture.company, through: [point])
                else { continue }
                guard check.verdict.isIntact else { continue }
                believed += 1
                // Through the head that was noted outside, everything before it is what it was.
                let (header, records) = try Self.read(bytes)
                #expect(
                    Array(records.prefix(4)) == Array(Self.records.suffix(records.prefix(4).count)),
                    "\(round)")
                guard let header else { continue }
                for (isSame, claim) in [
                    (header.company == TrailFixture.company, "company"), (header.urlID == "acme", "url_id"),
                    (header.engineVersion == "1.0", "engine_version"),
                ] where !isSame { #expect(check.unproved.contains(claim), "\(round): \(claim)") }
            }
            #expect(believed > 0, "some changes mean nothing")
        }
    }

    /// A chain that was made again is a chain: it is never a crash, and never the one that was noted.
    @Test func believesNoChainThatWasMadeAgain() async throws {
        let head = try #require(Self.records.last)
        let point = ChainCheck.Point(seq: head.seq, hash: head.hash, source: "the note")
        var mutator = Mutator(seed: 19)
        for round in 0..<Self.mutations {
            var records = Self.records
            let index = mutator.pick(records.count)
            switch mutator.pick(6) {
            case 0: records[index].seq = mutator.number()
            case 1: records[index].atMicroseconds = mutator.number()
            case 2:
                records[index].actor = String(
                    decoding: mutator.changed(Array(records[index].actor.utf8)), as: UTF8.self)
            case 3:
                records[index].detail = String(
                    decoding: mutator.changed(Array((records[index].detail ?? "{}").utf8)), as: UTF8.self)
            case 4: records.remove(at: index)
            default: records.insert(records[index], at: mutator.pick(records.count))
            }
            let made = TrailFixture.chained(records)
            var first: Int64? = mutator.pick(2) == 0 ? nil : mutator.number()
            if mutator.pick(3) == 0 { first = 1 }
            var check = ChainCheck(company: TrailFixture.company, first: first, through: [point])
            for record in made { check.add(record) }
            check.require(end: mutator.pick(2) == 0 ? nil : mutator.number())
            let verdict = check.verdict()
            #expect(!verdict.isIntact || made == Self.records || made.last?.hash == head.hash, "\(round)")
            // What a database may hold, every form can write.
            for record in made {
                var bytes: [UInt8] = []
                AuditLine.append(record, to: &bytes)
                OCSFEvent.append(record, of: Self.header, to: &bytes)
                CEFEvent.append(record, of: Self.header, to: &bytes)
                #expect(bytes.filter { $0 == 0x0A }.count == 3, "\(round)")
            }
        }
    }

    @Test func believesNoDamagedArchive() async throws {
        let sound = ForgedArchive(users: [], journeys: [])
        let bytes = sound.bytes()
        var mutator = Mutator(
            seed: 20, words: ["last_ids", "begins_after", "\"rows\":", "sha256", "ustar", "manifest.json"])
        let names = ["company.json", "data/users.jsonl", "audit.jsonl"]
        try await withTemporaryDirectory { folder in
            let path = folder + "/a.tar"
            for round in 0..<Self.mutations {
                var changed = mutator.changed(bytes)
                var isMadeAgain = false
                if round.isMultiple(of: 2) {
                    // Somebody made it again, digests and all, around one part that was changed.
                    var archive = sound
                    let index = mutator.pick(names.count + 4)
                    if index < names.count,
                        let at = archive.members.firstIndex(where: { $0.name == names[index] })
                    {
                        archive.members[at].bytes = mutator.changed(archive.members[at].bytes)
                    } else if let key = archive.manifest.keys.sorted().dropFirst(mutator.pick(11)).first {
                        archive.manifest[key] = String(
                            decoding: mutator.changed(Array((archive.manifest[key] ?? "").utf8)),
                            as: UTF8.self)
                    }
                    changed = archive.bytes()
                    isMadeAgain = true
                }
                write(changed, to: path)
                guard let reader = try? ArchiveReader(path), (try? reader.verify()) != nil else { continue }
                #expect(isMadeAgain || changed == bytes, "\(round)")
                #expect(reader.manifest.company.id == ForgedArchive.company, "\(round)")
                #expect(reader.manifest.lastIDs.values.allSatisfy { (0...1 << 62).contains($0) }, "\(round)")
            }
        }
    }

    @Test func believesNoDamagedNote() throws {
        let signer = try NoteSigner.new(named: "shop.example/audit")
        let checkpoint = Checkpoint(
            company: TrailFixture.company, urlID: "acme", size: 4, root: Self.records[3].hash,
            at: "2026-11-25T17:52:49.000000Z")
        let text = checkpoint.text
        let sound = Array(try SignedNote(text, by: signer).file.utf8)
        let keys = [Array(signer.verifier.description.utf8), Array(signer.privateText.utf8)]
        var mutator = Mutator(seed: 21, words: ["— ", "piste/linear-hash-chain/"])
        for round in 0..<Self.mutations {
            let bytes = mutator.changed(sound)
            if let note = try? SignedNote(reading: bytes) {
                if let valid = note.verified(by: [signer.verifier]), !valid.isEmpty {
                    #expect(note.text == text, "\(round)")
                }
                _ = try? Checkpoint(note.text)
            }
            // A checkpoint that somebody signed who signs anything.
            _ = try? Checkpoint(String(decoding: mutator.changed(Array(text.utf8)), as: UTF8.self))
            _ = try? NoteVerifier(String(decoding: mutator.changed(keys[0]), as: UTF8.self))
            _ = try? NoteSigner(privateText: String(decoding: mutator.changed(keys[1]), as: UTF8.self))
        }
    }
}
