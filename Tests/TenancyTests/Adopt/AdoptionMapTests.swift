import Tenancy
import Testing

/// What is decided before anything is asked of a server: url ids, and maps.
struct AdoptionMapTests {
    @Test("Url ids have one spelling, and two schemas never have the same")
    func normalizes() {
        let candidates = ["tenant_a", "Tenant A", "tenant-b"].map { AdoptionCandidate(schema: $0) }
        #expect(candidates.map(\.urlID) == ["tenant-a", "tenant-a", "tenant-b"])
        let problems = AdoptionCandidate.problems(of: candidates)
        #expect(
            problems.count == 1 && problems[0].contains("Tenant A, tenant_a")
                && problems[0].contains("tenant-a"))
        #expect(AdoptionCandidate.problems(of: [candidates[0], candidates[2]]).isEmpty)
        #expect(AdoptionCandidate.problems(of: [AdoptionCandidate(schema: "tenant__x")]).count == 1)
        let twice = [
            AdoptionCandidate(schema: "s", urlID: "aa"), AdoptionCandidate(schema: "s", urlID: "bb"),
        ]
        #expect(AdoptionCandidate.problems(of: twice).count == 1)
    }

    @Test("What a map names and nobody has is told, and the rest is taken as far as it fits")
    func fits() throws {
        var map = AdoptionMap()
        map.tables = ["users": .init(redact: ["password", "phone"]), "old": .init(hide: true)]
        map.users = ["table": "users", "email": "mail"]
        let problems = map.problems(among: [])
        #expect(problems.count == 3 && problems.contains { $0.contains("old") })
    }
}
