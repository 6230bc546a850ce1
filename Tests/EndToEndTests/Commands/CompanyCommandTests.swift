import Postgres
import TestSupport
import Testing

/// `piste company …`: a company's life from the command line.
struct CompanyCommandTests {
    @Test func createsAndShows() async throws {
        try await ConsoleWorld.run { world in
            let made = try await world.piste(
                "company", "create", "Müller & \"Söhne\", GmbH", "--url-id", "mueller", "--auth-provider",
                "okta",
                "--format", "json")
            #expect(made.status == 0, "\(made)")
            #expect(made.narration == "")
            let company = try made.object()
            #expect(company["name"] as? String == "Müller & \"Söhne\", GmbH")
            #expect(company["status"] as? String == "active")
            #expect(company["impersonation"] as? String == "allowed")
            #expect(try await world.records("company.create", in: "mueller") == 1)

            let shown = try await world.piste("company", "show", "mueller", as: world.carol)
            #expect(shown.status == 0)
            #expect(shown.output.contains("url id"))
            #expect(shown.output.contains("mueller"))

            let twice = try await world.piste(
                "company", "create", "Other", "--url-id", "mueller", "--auth-provider", "okta")
            #expect(twice.status == 1, "\(twice)")
            #expect(twice.narration.contains("this url_id is taken"))
            #expect(twice.narration.contains("choose another url id"))
        }
    }

    @Test(arguments: [
        (["Name", "--url-id", "Not Valid", "--auth-provider", "okta"], "a url_id has 2 to 63 characters"),
        (
            ["Name", "--url-id", "fine", "--auth-provider", "ok;ta"],
            "an auth provider has 1 to 63 characters"
        ),
        (["  ", "--url-id", "fine", "--auth-provider", "okta"], "a name has 1 to 300 characters"),
        (["Name", "--auth-provider", "okta"], "--url-id"),
    ])
    func saysWhatIsWrongWithACompanyToBe(arguments: [String], words: String) async throws {
        try await ConsoleWorld.run { world in
            let outcome = try await Piste.run(
                ["company", "create"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
            #expect(outcome.status == 2, "\(outcome)")
            #expect(outcome.output == "")
            #expect(outcome.narration.contains(words), "\(outcome)")
            #expect(try await world.value("SELECT count(*) FROM piste.company") == "3")
        }
    }

    @Test func listsByFilterAndLimit() async throws {
        try await ConsoleWorld.run { world in
            let all = try await world.piste("company", "list", "--format", "json")
            #expect(try all.objects().compactMap { $0["url_id"] as? String } == ["awesome", "blau", "evil"])
            let one = try await world.piste("company", "list", "--filter", "söhne", "--format", "csv")
            #expect(one.lines.count == 2)
            #expect(one.lines.last?.hasPrefix("Blau & Söhne,blau,okta,active,allowed,") == true)
            let cut = try await world.piste("company", "list", "--limit", "2")
            #expect(cut.lines.count == 3)
            #expect(cut.narration.contains("there are more than 2"))
            let none = try await world.piste("company", "list", "--filter", "100%_", "--format", "json")
            #expect(none.output == "[]\n")
            let others = try await world.piste(
                "company", "list", "--filter", "!/^(evil|blau)/", "--format", "json")
            #expect(try others.objects().compactMap { $0["url_id"] as? String } == ["awesome"])
            let bad = try await world.piste("company", "list", "--filter", "/(evil")
            #expect(bad.status == 2)
            #expect(bad.output == "")
            #expect(bad.narration.contains("the ( at 1 is not closed"))
            let unknown = try await world.piste("company", "show", "nowhere")
            #expect(unknown.status == 1)
            #expect(unknown.narration.contains("“nowhere”"))
            #expect(unknown.narration.contains("piste company list"))
        }
    }

    @Test func renames() async throws {
        try await ConsoleWorld.run { world in
            let renamed = try await world.piste("company", "rename", "blau", "Rot & Töchter")
            #expect(renamed.status == 0, "\(renamed)")
            #expect(renamed.output == "")
            #expect(renamed.narration == "Renamed.\n")
            let row = try await world.piste("company", "show", "blau", "--format", "json").object()
            #expect(row["name"] as? String == "Rot & Töchter")
            #expect(try await world.records("company.rename", in: "blau") == 1)
        }
    }

    @Test func suspendsAndResumes() async throws {
        try await ConsoleWorld.run { world in
            let token = try await world.piste("token", "issue", "awesome", as: world.alice).lines[0]
            let inside = try await world.database.connect(as: world.alice)
            try await inside.query("SELECT * FROM piste.enter($1)", [.text(token)])
            let suspended = try await world.piste("company", "suspend", "awesome")
            #expect(suspended.status == 0, "\(suspended)")
            #expect(suspended.narration == "Suspended; 1 open contexts ended.\n")
            await #expect(throws: PostgresError.self) { try await inside.query("SELECT 1") }

            for arguments in [["users", "awesome"], ["token", "issue", "awesome"]] {
                let refused = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(refused.status == 3, "\(arguments): \(refused)")
                #expect(refused.output == "")
                #expect(refused.narration.contains("this company is suspended"))
                #expect(refused.narration.contains("piste company resume"))
            }
            let resumed = try await world.piste("company", "resume", "awesome")
            #expect(resumed.narration == "Active again.\n")
            #expect(try await world.piste("users", "awesome", as: world.alice).status == 0)
        }
    }

    @Test func setsThePolicy() async throws {
        try await ConsoleWorld.run { world in
            let denied = try await world.piste("company", "policy", "awesome", "--impersonation", "denied")
            #expect(denied.status == 0, "\(denied)")
            #expect(denied.output.contains("denied"))
            let refused = try await world.piste(
                "impersonate", "awesome", "--reason", "a ticket", "--print-token", as: world.alice)
            #expect(refused.status == 3, "\(refused)")
            #expect(refused.narration.contains("does not allow impersonation"))
            #expect(refused.narration.contains("piste company policy"))
            #expect(try await world.records("impersonation.refused") == 1)
            let wrong = try await world.piste("company", "policy", "awesome", "--impersonation", "perhaps")
            #expect(wrong.status == 2)
            #expect(wrong.narration.contains("perhaps"))
        }
    }

    @Test func deletesWhatIsConfirmed() async throws {
        try await ConsoleWorld.run { world in
            let home = try await world.home("blau")
            let missing = try await world.piste("company", "delete", "blau")
            #expect(missing.status == 2)
            let wrong = try await world.piste(
                "company", "delete", "blau", "--confirm", "awesome", "--without-export")
            #expect(wrong.status == 2, "\(wrong)")
            #expect(wrong.narration.contains("--confirm blau"))
            #expect(try await world.value("SELECT to_regnamespace('\(home)')") != nil)
            let open = try await world.piste("company", "delete", "blau", "--confirm", "blau")
            #expect(open.status == 2, "\(open)")
            #expect(open.narration.contains("--without-export"))
            let deleted = try await world.piste(
                "company", "delete", "blau", "--confirm", "blau", "--without-export")
            #expect(deleted.status == 0, "\(deleted)")
            #expect(try await world.value("SELECT to_regnamespace('\(home)')") == nil)
            #expect(
                try await world.value("SELECT count(*) FROM pg_roles WHERE rolname LIKE '\(home)%'") == "0")
        }
    }

    @Test func isForAdmins() async throws {
        try await ConsoleWorld.run { world in
            for login in [world.alice, world.carol, world.shop] {
                for arguments in [
                    ["company", "create", "N", "--url-id", "new", "--auth-provider", "okta"],
                    ["company", "rename", "blau", "N"], ["company", "suspend", "blau"],
                    ["company", "resume", "blau"],
                    ["company", "policy", "blau", "--impersonation", "denied"],
                    ["company", "delete", "blau", "--confirm", "blau", "--without-export"],
                    ["audit", "show", "blau"],
                    ["audit", "show"], ["audit", "verify", "blau"], ["operator", "list"],
                    ["operator", "add", login, "--level", "admin"], ["operator", "remove", world.bob],
                ] {
                    let refused = try await Piste.run(
                        arguments, environment: ["PISTE_DATABASE_URL": world.url(login)])
                    #expect(refused.status == 3, "\(arguments): \(refused)")
                    #expect(refused.output == "", "\(arguments)")
                    #expect(refused.narration.contains("not_allowed"), "\(arguments): \(refused)")
                }
            }
            let row = try await world.piste("company", "show", "blau", "--format", "json").object()
            #expect(row["name"] as? String == "Blau & Söhne")
            #expect(row["status"] as? String == "active")
            #expect(row["impersonation"] as? String == "allowed")
        }
    }
}
