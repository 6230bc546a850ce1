import FoundationEssentials
import Testing

/// The research's sixty cases: each is attacked by a test of this folder, or left to another product for a reason.
struct AttackCoverageTests {
    /// What cannot be attacked with a PostgreSQL alone, and who does it.
    private static let leftOut: [Int: String] = [
        2: "needs PgBouncer, which tracks parameters; the tests of services run one",
        5: "needs PgBouncer in transaction mode; the tests of services run one",
        8: "the engine caches nothing of a client; the client's own tests hold its side",
    ]

    @Test func everyCaseIsAttackedOrLeftOutForAReason() throws {
        let attacked = try Self.numbers { Int($0) }
        #expect(attacked.union(Self.leftOut.keys) == Set(1...60))
        #expect(attacked.isDisjoint(with: Self.leftOut.keys))
    }

    @Test func theCasesOfOurOwnAreNumberedWithoutAGap() throws {
        let own = try Self.numbers { $0.hasPrefix("N") ? Int($0.dropFirst()) : nil }
        #expect(own.count >= 15)
        #expect(own == Set(1...own.count))
    }

    /// The numbers in the names of this folder's tests and in its probes, as they stand in the source.
    private static func numbers(_ number: (Substring) -> Int?) throws -> Set<Int> {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        var found = Set<Int>()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder)
        where file.hasSuffix("Tests.swift") {
            let source = String(
                decoding: FileManager.default.contents(atPath: folder + "/" + file) ?? Data(), as: UTF8.self)
            for (opening, end) in [("@Test(", ":"), ("Probe(", "\"")] {
                for piece in source.split(separator: opening, omittingEmptySubsequences: false).dropFirst() {
                    let name = piece.drop(while: \.isWhitespace)
                    guard name.first == "\"" else { continue }
                    let list = name.dropFirst().prefix { !end.contains($0) }
                    found.formUnion(list.split(separator: ",").compactMap { number($0.drop { $0 == " " }) })
                }
            }
        }
        return found
    }
}
