import Postgres
import TestSupport
import Testing

/// `piste operator …`: who may do what, from the command line.
struct OperatorCommandTests {
    @Test func addsListsAndRemoves() async throws {
        try await ConsoleWorld.run { world in
            let dora = world.database.roleName("dora")
            let added = try await world.piste("operator", "add", dora, "--level", "viewer")
            #expect(added.status == 0, "\(added)")
            #expect(added.output == "")
            #expect(added.narration == "\(dora) is a new login without a password, registered as viewer.\n")
            #expect(
                try await world.value(
                    "SELECT rolcanlogin AND NOT rolinherit AND NOT rolsuper FROM pg_roles WHERE rolname = '\(dora)'"
                )
                    == "t")
            let again = try await world.piste("operator", "add", dora, "--level", "support")
            #expect(again.narration == "\(dora) is registered as support.\n")

            let listed = try await world.piste("operator", "list", "--format", "json").objects()
            let levels = Dictionary(
                uniqueKeysWithValues: listed.map {
                    ($0["login"] as? String ?? "", $0["level"] as? String ?? "")
                })
            #expect(
                levels == [
                    world.alice: "support", world.bob: "admin", world.carol: "viewer", world.shop: "service",
                    dora: "support",
                ])
            // What became wrong with a login since is told.
            try await world.owner.query("ALTER ROLE \(dora) CREATEDB")
            let table = try await world.piste("operator", "list")
            #expect(table.output.contains("it can create databases"))

            let token = try await world.piste("token", "issue", "awesome", as: world.alice).lines[0]
            let alice = try await world.database.connect(as: world.alice)
            try await alice.query("SELECT * FROM piste.enter($1)", [.text(token)])
            let removed = try await world.piste("operator", "remove", world.alice)
            #expect(removed.status == 0, "\(removed)")
            #expect(removed.narration.contains("1 open contexts ended"))
            await #expect(throws: PostgresError.self) { try await alice.query("SELECT 1") }
            for arguments in [["company", "list"], ["users", "awesome"], ["contexts"], ["sweep"]] {
                let out = try await Piste.run(
                    arguments, environment: ["PISTE_DATABASE_URL": world.url(world.alice)])
                #expect(out.status == 3, "\(arguments): \(out)")
                #expect(out.output == "")
                #expect(out.narration.contains("an admin adds one with piste operator add"), "\(out)")
            }
        }
    }

    @Test("Draining outboxes is given and taken back, listed and counted")
    func letsAServiceDrain() async throws {
        try await ConsoleWorld.run { world in
            let mailer = world.database.roleName("mailer")
            for (flags, drains) in [(["--drains"], "yes"), ([], "yes"), (["--no-drains"], "")] {
                let added = try await Piste.run(
                    ["operator", "add", mailer, "--level", "service"] + flags,
                    environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(added.status == 0, "\(added)")
                let listed = try await world.piste("operator", "list", "--format", "json").objects()
                let found = listed.first { $0["login"] as? String == mailer }
                #expect(found?["drains"] as? String == drains, "\(flags): \(listed)")
            }
            #expect(
                try await world.piste("operator", "add", mailer, "--level", "viewer", "--drains").status == 2)
            #expect(try await world.piste("outbox", as: world.alice).status == 3)
            let shop = try await world.database.connect(as: world.shop)
            let ticket = try await shop.query(
                "SELECT ticket FROM piste.ticket('awesome', 'users.use', 'users')")
            try await shop.query("BEGIN")
            try await shop.query("SELECT piste.use($1)", [.text(try ticket[0].string(0))])
            try await shop.query("SELECT piste.enqueue('mail.welcome')")
            try await shop.query("COMMIT")
            let counted = try await world.piste("outbox", "--format", "json").objects()
            #expect(counted.count == 1 && counted[0]["company"] as? String == "awesome", "\(counted)")
            #expect(
                counted.first?["waiting"] as? Int == 1 && counted.first?["leased"] as? Int == 0, "\(counted)")
            await shop.close()
        }
    }

    @Test func saysWhyALoginCannotBeOne() async throws {
        try await ConsoleWorld.run { world in
            let mighty = world.database.roleName("mighty")
            try await world.owner.query("CREATE ROLE \(mighty) LOGIN SUPERUSER")
            for (arguments, status, words) in [
                (["add", mighty, "--level", "viewer"], 3, "superuser"),
                (["add", "x; DROP ROLE y", "--level", "viewer"], 2, "cannot be the name of a new login"),
                (["add", "pg_fine", "--level", "viewer"], 2, "cannot be the name of a new login"),
                (["add", String(repeating: "x", count: 64), "--level", "viewer"], 2, "1 to 63 bytes"),
                (["add", "fine", "--level", "boss"], 2, "boss"), (["add", "fine"], 2, "--level"),
                (["add", world.bob, "--level", "viewer"], 3, "no admin left"),
                (["remove", world.bob], 3, "no admin left"),
                (["remove", "nobody"], 1, "there is no such operator"),
            ] as [([String], Int32, String)] {
                let wrong = try await Piste.run(
                    ["operator"] + arguments, environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(wrong.status == status, "\(arguments): \(wrong)")
                #expect(wrong.output == "", "\(arguments)")
                #expect(wrong.narration.contains(words), "\(arguments): \(wrong)")
            }
            #expect(try await world.value("SELECT count(*) FROM piste.operator") == "4")
            #expect(
                try await world.value("SELECT count(*) FROM pg_roles WHERE rolname IN ('fine', 'pg_fine')")
                    == "0")
        }
    }
}
