import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// A program that knows nothing of Piste but its documented formats comes to the same result.
struct IndependentTests {
    /// The lines of the documentation that verify an export.
    private static var chain: String {
        get throws {
            let page = try String(
                contentsOfFile: #filePath.replacing(
                    "Tests/TenancyTests/AuditOutside/IndependentTests.swift",
                    with: "Sources/Tenancy/Tenancy.docc/TrailFormat.md"), encoding: .utf8)
            let code = try #require(page.split(separator: "```python\n").dropFirst().first)
            return String(code.prefix(upTo: try #require(code.range(of: "```")).lowerBound))
        }
    }

    /// Verifies a signed note with Python's `cryptography`.
    private static let note = """
        import base64, hashlib, sys
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        note, (name, key_hash, key) = open(sys.argv[1], "rb").read(), sys.argv[2].split("+", 2)
        key = base64.b64decode(key)
        assert key[0] == 1 and key_hash == hashlib.sha256(name.encode() + b"\\n" + key).hexdigest()[:8]
        text, signatures = note.rsplit(b"\\n\\n", 1)
        dash, signer, signature = signatures.decode().strip().split(" ")
        signature = base64.b64decode(signature)
        assert dash == "\\u2014" and signer == name and signature[:4].hex() == key_hash
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text + b"\\n")
        origin, size, root = text.decode().split("\\n")[:3]
        print(origin, size, base64.b64decode(root).hex())
        """

    private static func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static let hasPython = (try? python(["-c", ""]))?.status == 0
    private static let hasCryptography = (try? python(["-c", "import cryptography"]))?.status == 0

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func recomputesTheChainInPython() async throws {
        try await EngineWorld.run { world in
            let (alice, _) = try await world.inside("acme", as: world.alice)
            try await alice.query(
                "SELECT piste.declare('users.read', 'users', $1::jsonb)",
                [.text(#"{"ü": ["日本", "\u001b\n\"\\", 1.50, null]}"#)])
            await alice.close()
            let (header, records) = try await world.trail("acme")
            var lines = TrailFixture.lines(records, header: header)
            func run() throws -> (status: Int32, output: String) {
                try TrailFixture.withFile(lines.map { $0 + "\n" }.joined()) { path in
                    try Self.python(["-c", try Self.chain, path])
                }
            }
            let sound = try run()
            #expect(sound.status == 0)
            #expect(sound.output == "\(records.count) \(records.last?.hashText ?? "")\n")
            lines[5] = lines[5].replacing("\"actor\":\"", with: "\"actor\":\"x")
            let broken = try run()
            #expect(broken.status == 1 && broken.output == "broken at 5\n")
        }
    }

    @Test(.enabled(if: hasCryptography, "python3-cryptography is not installed"))
    func verifiesANoteInPython() throws {
        let signer = try NoteSigner.new(named: "shop.example/audit")
        let head = TrailFixture.chain()[11]
        let checkpoint = Checkpoint(
            company: TrailFixture.company, urlID: "acme", size: 12, root: head.hash,
            at: "2026-11-25T17:52:49Z")
        let file = try SignedNote(checkpoint.text, by: signer).file
        func run(_ note: String, _ verifier: NoteVerifier) throws -> (status: Int32, output: String) {
            try TrailFixture.withFile(note) { path in
                try Self.python(["-c", Self.note, path, verifier.description])
            }
        }
        let valid = try run(file, signer.verifier)
        #expect(valid.status == 0)
        #expect(valid.output == "piste/linear-hash-chain/\(TrailFixture.company) 12 \(head.hashText)\n")
        #expect(try run(file.replacing("\n12\n", with: "\n13\n"), signer.verifier).status != 0)
        #expect(try run(file, NoteSigner.new(named: "shop.example/audit").verifier).status != 0)
    }
}
