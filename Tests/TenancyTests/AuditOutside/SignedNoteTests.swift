import Tenancy
import Testing

/// Notes are C2SP's, read strictly, and believed for known keys only.
struct SignedNoteTests {
    /// The example of Go's `golang.org/x/mod/sumdb/note`, the format's first implementation.
    private enum Go {
        static let privateKey =
            "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
        static let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        static let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        static let signature =
            "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    }

    private static func note(_ text: String) throws -> SignedNote {
        try SignedNote(reading: Array(text.utf8))
    }

    @Test func signsWhatGoSigns() throws {
        let signer = try NoteSigner(privateText: Go.privateKey)
        #expect(signer.verifier.description == Go.verifier)
        #expect(signer.privateText == Go.privateKey)
        #expect(try SignedNote(Go.text, by: signer).file == Go.text + "\n" + Go.signature)
    }

    @Test func verifiesWhatGoSigned() throws {
        let verifier = try NoteVerifier(Go.verifier)
        let note = try Self.note(Go.text + "\n" + Go.signature)
        #expect(note.text == Go.text)
        #expect(note.verified(by: [verifier]) == [verifier])
        #expect(note.verified(by: []) == [])
        let changed = try Self.note(Go.text.replacing("problem", with: "question") + "\n" + Go.signature)
        #expect(changed.verified(by: [verifier]) == nil)
    }

    @Test func passesOverUnknownSignaturesAndRejectsAWrongOne() throws {
        let ours = try NoteSigner.new(named: "shop.example/audit")
        let theirs = try NoteSigner.new(named: "witness.example")
        let text = "one\ntwo\n"
        let own = try SignedNote(text, by: ours).file.split(separator: "\n").last ?? ""
        let witness = try SignedNote(text, by: theirs).file.split(separator: "\n").last ?? ""
        let both = try Self.note("\(text)\n\(witness)\n\(own)\n")
        #expect(both.verified(by: [ours.verifier]) == [ours.verifier])
        #expect(both.verified(by: [ours.verifier, theirs.verifier])?.count == 2)
        // The same name with another key is another key.
        let namesake = try NoteSigner.new(named: "shop.example/audit")
        #expect(both.verified(by: [namesake.verifier]) == [])
        // A known key's wrong signature spoils the note, whatever else holds.
        let other = try SignedNote("another\n", by: theirs).file.split(separator: "\n").last ?? ""
        let spoiled = try Self.note("\(text)\n\(own)\n\(other)\n")
        #expect(spoiled.verified(by: [ours.verifier, theirs.verifier]) == nil)
        #expect(spoiled.verified(by: [ours.verifier]) == [ours.verifier])
    }

    @Test(
        arguments: [
            ("a\n\n— k\n", 3), ("a\n\n— k AAAAAAA=", 3), ("a\r\n\r\n— k AAAAAAA=\r\n", 1),
            ("a\u{1B}\n\n— k AAAAAAA=\n", 1),
            ("a\n\n- k AAAAAAA=\n", 3), ("a\n\n— k AAAAAAB=\n", 3), ("a\n\n— k+ AAAAAAA=\n", 3),
            ("\n— k AAAAAAA=\n", 1),
            ("a\n\n", 2), ("a\n— k AAAAAAA=\n", nil), ("", nil), ("a\n\n— k AAAA\n", 3),
        ] as [(String, Int?)])
    func namesTheLineThatIsNoNote(text: String, line: Int?) throws {
        let error = #expect(throws: AuditFileError.self) { try Self.note(text) }
        #expect(error?.line == line)
        #expect(try Self.note("a\n\n— k AAAAAAA=\n").text == "a\n")
    }

    @Test(arguments: [
        "", "name", "name+00000000", "name+00000000+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Axpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
    ])
    func refusesAKeyThatIsDamaged(text: String) {
        #expect(throws: AuditFileError.self) { try NoteVerifier(text) }
        #expect(throws: AuditFileError.self) { try NoteSigner(privateText: text) }
    }

    @Test(arguments: ["", "two words", "a+b", "a\u{1B}b", "a\u{202E}b", String(repeating: "x", count: 161)])
    func refusesANameThatNoKeyMayHave(name: String) throws {
        #expect(throws: AuditFileError.self) { try NoteSigner.new(named: name) }
        #expect(try NoteSigner.new(named: "shop.example/audit").verifier.id.name == "shop.example/audit")
    }

    @Test func readsTheCheckpointThatItWrites() throws {
        let company = TrailFixture.company
        let root = TrailFixture.chain()[11].hash
        let checkpoint = Checkpoint(
            company: company, urlID: "acme", size: 12, root: root, at: "2026-11-25T17:52:49Z")
        #expect(checkpoint.text.hasPrefix("piste/linear-hash-chain/\(company)\n12\n"))
        #expect(checkpoint.text.contains("not a Merkle tree"))
        #expect(try Checkpoint(checkpoint.text) == checkpoint)
        for (old, new, line) in [
            ("\n12\n", "\n012\n", 2), ("\n12\n", "\n0\n", 2), ("\n12\n", "\n-12\n", 2),
            ("piste/", "other/", 1),
            ("230f", "230F", 1), ("=\n", "\n", 3), ("kind linear", "kind Merkle", 4),
        ] as [(String, String, Int)] {
            let text = checkpoint.text.replacing(old, with: new)
            let error = #expect(throws: AuditFileError.self, "\(new)") { try Checkpoint(text) }
            #expect(error?.line == line)
        }
        #expect(throws: AuditFileError.self) { try Checkpoint("example.com/log\n12\n") }
    }
}
