import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// Accents, capitals, ways of spelling a letter and kinds of apostrophe make no difference, wherever a fragment is looked for.
struct FoldingTests {
    private static let names = [
        "Élodie Müller", "E\u{301}lodie Mu\u{308}ller", "Sean O’Brien", "Łukasz Żółć", "ﬁona Ｆull",
        #"Sale 100%_off\"#,
        "Sale １００％ sure", "ʼ´`‘’\u{301}\u{36F}", "山田 太郎", "ﷺ", "Pat D`Arcy", "Zoë D´Arcy",
    ]

    /// What is typed, and the numbers of the names that have it.
    private static let found: [(String, [Int64])] = [
        ("elodie mull", [1, 2]), ("élo", [1, 2]), ("E\u{301}LODIE MÜ", [1, 2]), ("O'BRIEN", [3]),
        ("o’bri", [3]),
        ("lukasz zolc", [4]), ("ŻÓŁĆ", [4]), ("fiona full", [5]), ("ｆｕｌｌ", [5]), ("%_", [6]),
        ("00%", [6, 7]),
        ("００％", [6, 7]), ("％_", [6]), (#"off\"#, [6]), ("0_", []), ("山田 太", [9]), ("太郎", [9]),
        ("elodiem", []), ("d'arcy", [11, 12]), ("D`ARC", [11, 12]), ("d´arcy", [11, 12]),
    ]

    private func fill(_ world: EngineWorld) async throws {
        try await world.owner.query("SET session_replication_role = replica")
        try await world.owner.query("DELETE FROM \(world.acme).journeys")
        try await world.owner.query("DELETE FROM \(world.acme).users")
        for (place, name) in Self.names.enumerated() {
            try await world.owner.query(
                "INSERT INTO \(world.acme).users (id, email, name) VALUES ($1, $2, $3)",
                [.int(Int64(place + 1)), .text("f\(place)@acme.example"), .text(name)])
        }
        try await world.owner.query("RESET session_replication_role")
    }

    /// The engine, the blueprint and the program say it in three places, since neither may ask another.
    @Test func theColumnHoldsWhatTheEngineFolds() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let differing = try await world.owner.query(
                """
                SELECT name, search_text FROM \(world.acme).users
                WHERE search_text <> piste.folded((' ' || name || ' ' || email) COLLATE "C")
                """)
            let texts = try differing.map { try $0.string(1) }
            #expect(texts.isEmpty)
            #expect(
                try await world.owner.number("SELECT count(*) FROM \(world.acme).users")
                    == Int64(Self.names.count))
        }
    }

    @Test(arguments: [0, 6000])
    func fragmentsOfUsersAreFoundFolded(others: Int) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            if others > 0 {
                try await world.owner.query("SET session_replication_role = replica")
                try await world.owner.query(
                    """
                    INSERT INTO \(world.acme).users (id, email, name)
                    SELECT n, 'p' || n || '@acme.example', 'Person Nr ' || n
                    FROM generate_series(100, \(others)) AS n
                    """)
                try await world.owner.query("RESET session_replication_role")
                try await world.owner.query("SELECT piste.record_load('acme', 'users', \(others))")
            }
            let session = try await world.session()
            let table = try #require(try await session.tables().first { $0.name == "users" })
            for (typed, expected) in Self.found {
                let listed = try await session.users(matching: typed, PageRequest(.start, limit: 50))
                #expect(listed.rows.map(\.id).sorted() == expected, "users: \(typed)")
                guard others == 0 else { continue }
                let anyTable = try await session.rows(
                    of: table, matching: try RowFilter(typed, for: table), columns: ["id", "name"])
                #expect(
                    anyTable.rows.compactMap { Int64($0.key?.first ?? "") }.sorted() == expected,
                    "rows: \(typed)")
            }
            await session.leave()
        }
    }

    @Test func companiesAreFoundFolded() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.connect(world.bob)
            for (place, name) in Self.names.enumerated() {
                try await bob.query(
                    "SELECT * FROM piste.create_company($1, $2, 'okta')",
                    [.text(name), .text("f-\(place + 1)")])
            }
            for (typed, expected) in Self.found {
                let rows = try await bob.query("SELECT url_id FROM piste.companies($1)", [.text(typed)])
                #expect(
                    try rows.map { try $0.string(0) }.sorted() == expected.map { "f-\($0)" }.sorted(),
                    "\(typed)")
            }
            // The word of a state or of a provider, as it stands.
            #expect(try await bob.number("SELECT piste.companies_count('OKTA')") >= Int64(Self.names.count))
            #expect(try await bob.number("SELECT piste.companies_count('okt')") == 0)
            await bob.close()
        }
    }
}
