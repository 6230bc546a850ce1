import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// Finding in a company that has grown beyond the rows that are read through anyway.
struct LargeCompanyTests {
    static let users = 7000

    /// Names of three words; every hundredth has an accent, every thousandth is like no other.
    private func fill(_ world: EngineWorld) async throws {
        try await world.owner.query("SET session_replication_role = replica")
        try await world.owner.query("DELETE FROM \(world.acme).journeys")
        try await world.owner.query("DELETE FROM \(world.acme).users")
        try await world.owner.query(
            """
            INSERT INTO \(world.acme).users (id, email, name, role, created_at)
            SELECT n, 'p' || n || '.' || n % 10 || '@acme.example',
                (ARRAY['Person', 'Mensch', 'Ser humano'])[1 + n % 3] || ' ' || CASE
                    WHEN n % 1000 = 0 THEN 'Qvx' || n
                    WHEN n % 100 = 0 THEN 'Élodie' ELSE 'Nr' END || ' ' || n * 7919 % 7001,
                (ARRAY['member', 'admin'])[1 + n % 2], timestamptz '2026-01-01 00:00+00' + n % 50 * interval '1 day'
            FROM generate_series(1, \(Self.users)) AS n
            """)
        try await world.owner.query(
            """
            INSERT INTO \(world.acme).journeys (user_id, name, current_step, updated_at)
            SELECT 1 + n * 7919 % \(Self.users), (ARRAY['Onboarding', 'Renewal', 'Söder'])[1 + (n % 50 = 0)::int + (n % 1000 = 7)::int],
                1 + n % 5, timestamptz '2026-02-01 00:00+00' + n % 700 * interval '1 hour'
            FROM generate_series(1, 8000) AS n
            """)
        try await world.owner.query("RESET session_replication_role")
        try await world.owner.query("SELECT piste.record_load('acme', 'users', \(Self.users))")
    }

    /// A fragment of one or two letters is found where words begin, a longer one and a sign anywhere; on every page alike.
    private func fits(_ fragment: String, _ name: String, _ email: String) -> Bool {
        let (text, wanted) = (bare(name + " " + email), bare(fragment))
        let begins = fragment.first.map { $0.isLetter || $0.isNumber } == true
        guard fragment.unicodeScalars.count < 3, begins else { return text.contains(wanted) }
        return text.hasPrefix(wanted) || text.contains(" " + wanted)
    }

    /// In small letters, and without accents.
    private func bare(_ text: String) -> String {
        text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
    }

    @Test func fragmentsAreFoundAlikeOnEveryPage() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            var all: [User] = []
            var place = PageRequest<Keyset>.Place.start
            while true {
                let page = try await session.users(PageRequest(place, limit: 2000))
                all += page.rows
                guard page.hasMore, let last = page.rows.last else { break }
                place = .after(last.keyset)
            }
            #expect(all.count == Self.users)
            for fragment in [
                "é", "e", "el", "élo", "elodie", "ELODIÉ", "q", "qv", "qvx", "7", "70", ".9@", "p7", "sö",
                "zz", "nr 4", "@", "@a",
                ".9",
            ] {
                let expected = all.filter { fits(fragment, $0.name, $0.email) }
                let (forward, backward) = try await walk(limit: 500, anchor: \User.keyset) { request in
                    try await session.users(matching: fragment, request)
                }
                #expect(forward.map(\.id) == expected.map(\.id), "\(fragment)")
                #expect(backward.map(\.id) == expected.map(\.id), "\(fragment)")
            }
            for filter in ["!7", "!/^(person|mensch)/", "/qvx\\d+ /", "/\\.9@/", "!@"] {
                let expected = try all.filter { try Filter(filter).admits([$0.name, $0.email]) }
                let (forward, backward) = try await walk(limit: 500, anchor: \User.keyset) { request in
                    try await session.users(matching: filter, request)
                }
                #expect(forward.map(\.id) == expected.map(\.id), "\(filter)")
                #expect(backward.map(\.id) == expected.map(\.id), "\(filter)")
            }
            await session.leave()
        }
    }

    @Test(arguments: [Journey.Sort.updatedAt, .user, .step])
    func journeysAreFoundByTheirNameAndByTheirUser(sort: Journey.Sort) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let session = try await world.session()
            var people: [Int64: User] = [:]
            var place = PageRequest<Keyset>.Place.start
            while true {
                let page = try await session.users(PageRequest(place, limit: 2000))
                for user in page.rows { people[user.id] = user }
                guard page.hasMore, let last = page.rows.last else { break }
                place = .after(last.keyset)
            }
            let (all, back) = try await walk(limit: 2000, anchor: \Journey.keyset) { request in
                try await session.journeys(sort: sort, request)
            }
            #expect(all.count == 8000)
            #expect(all == back)
            for fragment in ["renew", "soder", "sö", "qvx", "qv", "elodie", "zzz", "p70"] {
                let expected = all.filter { journey in
                    bare(journey.name).contains(bare(fragment))
                        || journey.userID.flatMap({ people[$0] }).map { fits(fragment, $0.name, $0.email) }
                            == true
                }
                let (forward, backward) = try await walk(limit: 500, anchor: \Journey.keyset) { request in
                    try await session.journeys(matching: fragment, sort: sort, request)
                }
                #expect(forward.map(\.id) == expected.map(\.id), "\(fragment)")
                #expect(backward.map(\.id) == expected.map(\.id), "\(fragment)")
            }
            await session.leave()
        }
    }
}
