import Foundation
import Tenancy
import TestSupport
import Testing

/// What the auditor's page takes for granted.
private enum AuditTools {
    static let areThere =
        (try? Program.run(
            "/bin/sh", ["-c", "openssl version && python3 -c '' && echo | base64 -d && echo | cut -d+ -f3-"]))?
        .status
        == 0
}

/// The auditor's page, done as it says: with openssl and its Python, and nothing of Piste.
@Suite(.enabled(if: AuditTools.areThere, "openssl or python3 is not installed"))
struct AuditorPageTests {
    /// A block of code of the page.
    private static func code(_ language: String) throws -> String {
        let page = try String(
            contentsOfFile: #filePath.components(separatedBy: "/Tests/")[0]
                + "/Sources/Tenancy/Tenancy.docc/Auditing.md", encoding: .utf8)
        let block = try #require(page.components(separatedBy: "```\(language)\n").dropFirst().first)
        return try #require(block.components(separatedBy: "```").first)
    }

    /// What the page's two steps end with.
    private static func audited(
        note: String, key: String, export: [String]
    ) async throws -> (signature: Int32, chain: Program) {
        let folder = NSTemporaryDirectory() + "piste-audit-\(UUID().uuidString.prefix(12))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        try write("acme.note", note)
        try write("acme.jsonl", export.map { $0 + "\n" }.joined())
        try write("check.py", try code("python"))
        let script = try code("sh")
        var environment = ProcessInfo.processInfo.environment
        environment["KEY"] = key
        let signature = try await Program.run(
            "/bin/sh", ["-ec", "cd \(folder)\n\(script)"], environment: environment)
        let chain = try await Program.run(
            "/bin/sh", ["-c", "cd \(folder) && python3 check.py acme.jsonl"], environment: environment)
        return (signature.status, chain)
    }

    @Test func findsWhatWasRewritten() async throws {
        #expect(try Self.code("python").split(separator: "\n").count <= 20)
        let records = TrailFixture.chain()
        let lines = TrailFixture.lines(records)
        for name in ["shop.example/audit", "a"] {
            // A key whose base64 holds a plus sign, too: the page cuts at the first two only.
            var signer = try NoteSigner.new(named: name)
            while name == "a", !signer.verifier.description.dropFirst(11).contains("+") {
                signer = try NoteSigner.new(named: name)
            }
            let key = signer.verifier.description
            func note(_ size: Int, of records: [ChainedRecord]) throws -> String {
                let text = Checkpoint(
                    company: TrailFixture.company, urlID: "acme", size: Int64(size),
                    root: records[size - 1].hash,
                    at: "2026-11-25T17:52:49.000000Z"
                ).text
                return try SignedNote(text, by: signer).file
            }
            let mailed = try note(7, of: records)
            let sound = try await Self.audited(note: mailed, key: key, export: lines)
            #expect(sound.signature == 0)
            #expect(sound.chain.status == 0)
            #expect(sound.chain.output == "12 records of \(TrailFixture.company): nothing was rewritten\n")

            // A chain that was made again is sound in itself, and not the one that was signed.
            let other = TrailFixture.chain(salt: "!")
            let forged = try await Self.audited(note: mailed, key: key, export: TrailFixture.lines(other))
            #expect(forged.signature == 0 && forged.chain.status != 0)
            #expect(forged.chain.errors.contains("not what was signed"))
            let cut = try await Self.audited(note: mailed, key: key, export: Array(lines.prefix(6)))
            #expect(cut.chain.status != 0)
            var edited = lines
            edited[5] = edited[5].replacing("\"actor\":\"al", with: "\"actor\":\"bl")
            let broken = try await Self.audited(note: mailed, key: key, export: edited)
            #expect(broken.chain.errors == "broken at 5\n")
            // A note that somebody changed, or that somebody else signed.
            let raised = try await Self.audited(
                note: mailed.replacing("\n7\n", with: "\n8\n"), key: key, export: lines)
            #expect(raised.signature != 0)
            let stranger = try NoteSigner.new(named: name).verifier.description
            #expect(try await Self.audited(note: mailed, key: stranger, export: lines).signature != 0)
        }
    }
}
