import Postgres
import Tenancy
import TestSupport
import Testing

/// Companies through the client: lists, search and life.
struct CompanyClientTests {
    /// Twelve companies, four of which have the same name.
    private func fill(_ world: EngineWorld) async throws {
        for number in 1...12 {
            try await world.owner.query(
                "SELECT * FROM piste.create_company($1, $2, 'okta')",
                [.text(number % 3 == 0 ? "Same Name" : "Firm \(number) 50%"), .text("firm-\(number)")])
        }
    }

    @Test func pagesBothWaysFromEverywhere() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let carol = try await world.client(world.carol)
            let all = try await carol.companies(PageRequest(limit: 100)).rows.map(\.urlID)
            #expect(all.count == 14)
            #expect(Set(all).count == 14)
            for limit in [1, 3, 14, 50] {
                let (forward, backward) = try await walk(limit: limit, anchor: \Company.urlID) { request in
                    try await carol.companies(request)
                }
                #expect(forward.map(\.urlID) == all, "forward by \(limit)")
                #expect(backward.map(\.urlID) == all, "backward by \(limit)")
            }
            for (place, expected) in [
                (.from(all[5]), Array(all[5..<8])), (.after(all[5]), Array(all[6..<9])),
                (.before(all[5]), Array(all[2..<5])), (.from(all[0]), Array(all[0..<3])),
                (.end, Array(all[11...])),
                // What the page began with is gone: the list begins anew.
                (.from("no-such"), Array(all[0..<3])),
            ] as [(PageRequest<String>.Place, [String])] {
                let page = try await carol.companies(PageRequest(place, limit: 3))
                #expect(page.rows.map(\.urlID) == expected, "\(place)")
                #expect(page.hasMore)
            }
            let lost = await failure { () throws(TenancyError) in
                _ = try await carol.companies(PageRequest(.after("no-such")))
            }
            #expect(lost?.code == .notFound)
            let much = await failure { () throws(TenancyError) in
                _ = try await carol.companies(PageRequest(limit: 20_000))
            }
            #expect(much?.code == .invalid)
            await carol.close()
        }
    }

    @Test func searchesTakingEveryCharacterForItself() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let carol = try await world.client(world.carol)
            for (search, count) in [
                ("", 14), ("same", 4), ("SAME NAME", 4), ("firm-1", 4), ("50%", 8), ("%", 8), ("_", 0),
                ("\\", 0),
                ("' OR true --", 0), ("acme", 1),
            ] {
                #expect(try await carol.companiesCount(matching: search) == count, "\(search)")
                let page = try await carol.companies(matching: search, PageRequest(limit: 100))
                #expect(page.rows.count == count, "\(search)")
            }
            let (forward, backward) = try await walk(limit: 3, anchor: \Company.urlID) { request in
                try await carol.companies(matching: "same", request)
            }
            #expect(forward.map(\.urlID) == ["firm-12", "firm-3", "firm-6", "firm-9"])
            #expect(backward == forward)
            await carol.close()
        }
    }

    @Test func searchesWhatTheListShowsWithAccentsOrWithout() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            try await world.owner.query(
                "SELECT * FROM piste.create_company('Café Zürich’s GmbH', 'cafe-zuerich', 'Google')")
            try await world.owner.query("SELECT * FROM piste.suspend_company('firm-2')")
            let carol = try await world.client(world.carol)
            for (search, found) in [
                ("zurich", ["cafe-zuerich"]), ("ZÜRICH", ["cafe-zuerich"]), ("café", ["cafe-zuerich"]),
                ("zurich's", ["cafe-zuerich"]), ("suspended", ["firm-2"]), ("status:susp", ["firm-2"]),
                ("google", ["cafe-zuerich"]), ("provider:goo", ["cafe-zuerich"]),
                ("provider:goo status:active", ["cafe-zuerich"]), ("provider:goo status:susp", []),
                ("firm-2 status:susp", ["firm-2"]), ("status:'; --", []), ("!status:active", ["firm-2"]),
            ] {
                let page = try await carol.companies(matching: search, PageRequest(limit: 100))
                #expect(page.rows.map(\.urlID) == found, "\(search)")
                #expect(try await carol.companiesCount(matching: search) == found.count, "\(search)")
            }
            #expect(try await carol.companiesCount(matching: "!zurich") == 14)
            await carol.close()
        }
    }

    @Test(arguments: Company.Sort.allCases, [true, false])
    func pagesInEveryOrder(sort: Company.Sort, ascending: Bool) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            try await world.owner.query(
                """
                UPDATE piste.company SET auth_provider = CASE WHEN url_id LIKE '%1%' THEN 'entra' ELSE 'okta' END,
                    status = CASE WHEN url_id LIKE '%2%' THEN 'suspended' ELSE 'active' END,
                    created_at = timestamptz '2026-01-01 12:00:00.123456+00' + length(name) * interval '1 day'
                """)
            try await world.owner.query("ANALYZE \(world.acme).users")
            let carol = try await world.client(world.carol)
            let all = try await carol.companies(sort: sort, ascending: ascending, PageRequest(limit: 100))
                .rows
            #expect(Set(all.map(\.urlID)).count == 14)
            let reversed = try await carol.companies(
                sort: sort, ascending: !ascending, PageRequest(limit: 100)
            ).rows
            #expect(reversed == all.reversed())
            for limit in [1, 4, 14] {
                let (forward, backward) = try await walk(limit: limit, anchor: \Company.urlID) { request in
                    try await carol.companies(sort: sort, ascending: ascending, request)
                }
                #expect(forward == all, "forward by \(limit)")
                #expect(backward == all, "backward by \(limit)")
            }
            let up = ascending ? all : all.reversed()
            for (one, next) in zip(up, up.dropFirst()) {
                let holds =
                    switch sort {
                    case .name: true
                    case .urlID: one.urlID < next.urlID
                    case .authProvider: one.authProvider <= next.authProvider
                    case .status: one.status.rawValue <= next.status.rawValue
                    case .users: one.estimatedUsers ?? 0 <= next.estimatedUsers ?? 0
                    case .createdAt: one.createdAt <= next.createdAt
                    }
                #expect(holds, "\(one.urlID) before \(next.urlID)")
            }
            await carol.close()
        }
    }

    @Test(arguments: [
        ("!same", 10), ("/^firm/", 12), ("/^same name$/", 4), ("!/^firm-\\d$/", 5), ("/50%$/", 8),
        ("/nobody/", 0),
        ("!/nobody/", 14), ("/^(acme|globex)$/", 2), ("!", 14),
    ])
    func searchesInverselyAndByExpression(search: String, count: Int) async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let carol = try await world.client(world.carol)
            #expect(try await carol.companiesCount(matching: search) == count)
            let (forward, backward) = try await walk(limit: 3, anchor: \Company.urlID) { request in
                try await carol.companies(matching: search, sort: .status, ascending: false, request)
            }
            #expect(forward.count == count)
            #expect(forward == backward)
            await carol.close()
        }
    }

    @Test func misuseOfASearchIsToldClearly() async throws {
        try await EngineWorld.run { world in
            let carol = try await world.connect(world.carol)
            for call in [
                "companies('x', matching => 'guess')", "companies('x', matching => NULL)",
                "companies(sort => 'secret')",
                "companies(sort => 'name; DROP TABLE piste.company')", "companies(descending => NULL)",
                "companies(repeat('x', 5000))", "companies_count('x', 'guess')",
            ] {
                #expect(await carol.sqlState("SELECT * FROM piste.\(call)") == "PT400", "\(call)")
            }
            // A pattern of somebody's own is PostgreSQL's to judge.
            #expect(
                await carol.sqlState("SELECT * FROM piste.companies('(', matching => 'expression')")
                    == "2201B")
            await carol.close()
        }
    }

    @Test func anExportOfCompaniesIsOnRecordBeforeItIsRead() async throws {
        try await EngineWorld.run { world in
            try await fill(world)
            let carol = try await world.client(world.carol)
            try await carol.declareCompaniesExport(matching: "!same", marked: nil)
            let record =
                "SELECT actor || ' ' || detail FROM piste_test.trail('piste') WHERE action = 'companies.export' ORDER BY seq DESC"
            let first = try await world.owner.value(record)
            #expect(first.hasPrefix(world.carol))
            for part in [#""companies": 10"#, #""search": "same""#, #""matching": "no_fragment""#] {
                #expect(first.contains(part), "\(first)")
            }
            try await carol.declareCompaniesExport(matching: "", marked: ["acme", "firm-3", "nobody"])
            let second = try await world.owner.value(record)
            #expect(second.contains(#""companies": 2"#))
            #expect(second.contains(#"["acme", "firm-3"]"#))
            #expect(!second.contains("nobody"), "nobody fills the trail with what there is not")
            let bob = try await world.client(world.bob)
            #expect(try await bob.verifyAudit(of: nil).isIntact)
            await bob.close()
            await carol.close()
        }
    }

    @Test func livesThroughTheClient() async throws {
        try await EngineWorld.run { world in
            let bob = try await world.client(world.bob)
            let made = try await bob.createCompany(name: "Nœud 🪢", urlID: "noeud", authProvider: "entra")
            #expect(made.name == "Nœud 🪢")
            #expect(made.authProvider == "entra")
            #expect(made.status == .active)
            #expect(made.policy == CompanyPolicy())
            try await bob.renameCompany("noeud", to: "Knoten")
            try await bob.setCompanyPolicy("noeud", PolicyChange(impersonation: .denied))
            #expect(try await bob.suspendCompany("noeud") == 0)
            let changed = try await bob.company("noeud")
            #expect(changed.name == "Knoten")
            #expect(changed.status == .suspended)
            #expect(changed.policy == CompanyPolicy(impersonation: .denied))
            try await bob.resumeCompany("noeud")
            #expect(try await bob.company("noeud").status == .active)

            let taken = await failure { () throws(TenancyError) in
                _ = try await bob.createCompany(name: "N", urlID: "noeud", authProvider: "okta")
            }
            #expect(taken?.refusalCode == "company_exists")
            let malformed = await failure { () throws(TenancyError) in
                _ = try await bob.createCompany(name: "N", urlID: "No Good", authProvider: "okta")
            }
            #expect(malformed?.code == .invalid)
            #expect(malformed?.sqlState == "PT400")
            let unconfirmed = await failure { () throws(TenancyError) in
                try await bob.deleteCompany("noeud", confirmation: "acme")
            }
            #expect(unconfirmed?.refusalCode == "not_confirmed")
            try await bob.deleteCompany("noeud", confirmation: "noeud")
            let gone = await failure { () throws(TenancyError) in _ = try await bob.company("noeud") }
            #expect(gone?.code == .notFound)
            let unknown = await failure { () throws(TenancyError) in
                try await bob.renameCompany("noeud", to: "X")
            }
            #expect(unknown?.code == .refused)
            #expect(unknown?.refusalCode == "unknown_company")
            await bob.close()

            let alice = try await world.client(world.alice)
            let denied = await failure { () throws(TenancyError) in
                try await alice.renameCompany("acme", to: "X")
            }
            #expect(denied?.code == .refused)
            #expect(denied?.refusalCode == "not_allowed")
            #expect(try await alice.company("acme").name == "Acme")
            await alice.close()
        }
    }
}
