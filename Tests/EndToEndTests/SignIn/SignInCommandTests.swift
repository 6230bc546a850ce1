import Foundation
import Postgres
import TestSupport
import Testing

/// `piste company provider` and `piste token exchange`, from the command line, with keys in a file.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct SignInCommandTests {
    private static let paper = Task { try await PaperProvider() }

    private func set(_ world: ConsoleWorld, _ folder: TemporaryFolder) async throws -> PaperProvider {
        let paper = try await Self.paper.value
        let file = folder.path + "/jwks.json"
        try Data(paper.jwks.utf8).write(to: URL(fileURLWithPath: file))
        let made = try await world.piste(
            "company", "provider", "awesome", "--issuer", PaperProvider.issuer, "--audience",
            PaperProvider.audience, "--jwks", file)
        #expect(made.status == 0, "\(made)")
        return paper
    }

    @Test func setsShowsAndRemovesAProvider() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let none = try await world.piste("company", "provider", "awesome")
            #expect(none.status == 1 && none.output == "", "\(none)")
            #expect(none.narration.contains("has no identity provider"))
            #expect(none.narration.contains("--issuer"))
            _ = try await set(world, folder)
            let shown = try await world.piste(
                "company", "provider", "awesome", "--format", "json", as: world.carol
            )
            .object()
            #expect(shown["issuer"] as? String == PaperProvider.issuer)
            #expect(shown["audience"] as? String == PaperProvider.audience)
            #expect(shown["jwks_uri"] is NSNull)
            #expect(((shown["jwks"] as? [String: Any])?["keys"] as? [Any])?.count == 3)
            #expect(shown["set_by"] as? String == world.bob)
            let table = try await world.piste("company", "provider", "awesome")
            #expect(table.output.contains("3 in the database: rsa-1, ec-1, weak-1"), "\(table)")
            #expect(!table.output.contains("AQAB"), "a set of keys is nothing to read")

            let taken = try await world.piste(
                "company", "provider", "blau", "--issuer", PaperProvider.issuer, "--audience",
                PaperProvider.audience,
                "--jwks", "https://id.acme.example/jwks", "--unchecked")
            #expect(taken.status == 3 && taken.narration.contains("provider_taken"), "\(taken)")
            for login in [world.alice, world.carol, world.shop] {
                let refused = try await world.piste("company", "provider", "awesome", "--remove", as: login)
                #expect(refused.status == 3 && refused.narration.contains("not_allowed"), "\(refused)")
            }
            let unknown = try await world.piste("company", "provider", "nowhere")
            #expect(unknown.status == 1 && unknown.narration.contains("piste company list"), "\(unknown)")
            #expect(try await world.piste("company", "provider", "awesome", "--remove").status == 0)
            let gone = try await world.piste("company", "provider", "awesome", "--remove")
            #expect(gone.status == 3 && gone.narration.contains("provider_missing"), "\(gone)")
            #expect(try await world.records("company.provider") == 2)
        }
    }

    @Test func saysWhatIsWrongWithAProvider() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let secret = folder.path + "/secret.json"
            try Data(#"{"keys":[{"kty":"oct","k":"AA"}]}"#.utf8).write(to: URL(fileURLWithPath: secret))
            let issuer = ["--issuer", PaperProvider.issuer]
            for (arguments, status, words) in [
                (issuer, 2, "are given together"),
                (issuer + ["--remove"], 2, "--remove takes the provider away"),
                (
                    issuer + ["--audience", "a", "--jwks", folder.path + "/nothing"], 2,
                    "no key set that can be read"
                ),
                (issuer + ["--audience", "a", "--jwks", secret], 1, "holds a private key"),
                (issuer + ["--audience", "a", "--jwks", "http://id.acme.example/k"], 2, "https address"),
                (
                    issuer + ["--audience", "a", "--jwks", "http://127.0.0.1:9/k"], 1, "cannot be read"
                ),
                (
                    ["--issuer", "http://127.0.0.1:9", "--audience", "a"], 1, "openid-configuration"
                ),
                (
                    [
                        "--issuer", "https://login.microsoftonline.com/{tenantid}/v2.0", "--audience", "a",
                        "--jwks", secret,
                    ], 2,
                    "--claim tid=ID"
                ),
                (issuer + ["--audience", "a", "--claim", "hd"], 2, "NAME=VALUE"),
                (
                    ["--issuer", "acme", "--audience", "a", "--jwks", "https://id.acme.example/k"], 2,
                    "an issuer is an https"
                ),
            ] {
                let refused = try await Piste.run(
                    ["company", "provider", "awesome"] + arguments,
                    environment: ["PISTE_DATABASE_URL": world.url(world.bob)])
                #expect(refused.status == status, "\(arguments): \(refused)")
                #expect(refused.narration.contains(words), "\(arguments): \(refused)")
                #expect(refused.output == "")
            }
            #expect(try await world.records("company.provider") == 0)
            _ = try await set(world, folder)
        }
    }

    @Test func exchangesATokenFromInput() async throws {
        try await ConsoleWorld.run { world in
            let folder = try TemporaryFolder()
            let paper = try await set(world, folder)
            let tokens = try await paper.tokens([
                .init(["email": "ada@awesome.example"]),
                .init(["email": "ada@awesome.example", "nonce": "n"]),
                .init(["email": "ada@awesome.example", "exp": .later(-5)]),
            ])
            let call = ["token", "exchange", "awesome", "--id-token"]
            let environment = ["PISTE_DATABASE_URL": world.url(world.shop)]
            func run(_ more: [String], _ input: String) async throws -> Piste.Outcome {
                try await Piste.run(call + more, environment: environment, input: input)
            }
            let given = try await run(["-", "--minutes", "5", "--format", "json"], "  \(tokens[0])  \n")
            #expect(given.status == 0, "\(given)")
            let token = try #require(try given.object()["token"] as? String)
            let inspected = try await world.piste("token", "inspect", "-", as: world.shop, input: token)
            #expect(inspected.output.contains("ada@awesome.example") && inspected.output.contains(world.shop))
            let entered = try await world.database.connect(as: world.shop)
            #expect(
                try await entered.query("SELECT subject FROM piste.enter($1)", [.text(token)])[0].string(0)
                    == "ada@awesome.example")
            await entered.close()
            for (more, input, status, words) in [
                (["-"], tokens[0], 3, "id_token_used"), (["-"], tokens[1], 3, "--nonce"),
                (["-"], tokens[2], 3, "sign in again"), (["-"], "", 2, "no ID token on standard input"),
                ([tokens[1]], "", 2, "--id-token is -"),
                (["-", "--minutes", "31"], tokens[1], 2, "from 1 to 30"),
                (["-"], "hello world\n", 3, "id_token_malformed"),
            ] {
                let refused = try await run(more, input)
                #expect(refused.status == status, "\(more): \(refused)")
                #expect(refused.narration.contains(words), "\(more): \(refused)")
                #expect(refused.output == "")
                for token in tokens {
                    #expect(!refused.narration.contains(token.suffix(40)) || more[0] != "-")
                }
            }
            #expect(try await run(["-", "--nonce", "n"], tokens[1]).status == 0)
            #expect(try await world.records("token.exchange") == 2)
            let away = try await Piste.run(
                call + ["-"], environment: ["PISTE_DATABASE_URL": "host=/nowhere"], input: tokens[0])
            #expect(away.status == 4, "\(away)")
        }
    }

    @Test func saysThatCurlIsMissing() async throws {
        try await ConsoleWorld.run { world in
            let paper = try await Self.paper.value
            let made = try await world.piste(
                "company", "provider", "awesome", "--issuer", PaperProvider.issuer, "--audience",
                PaperProvider.audience, "--jwks", "http://127.0.0.1:9/jwks", "--unchecked")
            #expect(made.status == 0, "\(made)")
            let token = try await paper.token(["email": "ada@awesome.example"])
            let lacking = try await world.piste(
                "token", "exchange", "awesome", "--id-token", "-", as: world.shop,
                environment: ["PATH": "/nowhere"],
                input: token)
            #expect(lacking.status == 1, "\(lacking)")
            #expect(
                lacking.narration.contains("curl") && lacking.narration.contains("keys in a file"),
                "\(lacking)")
            #expect(
                try await world.records("token.refused") == 0,
                "a token that nobody could judge is not refused")
        }
    }
}
