import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// The whole way from a real OpenID Connect provider to a company's rows: discovery, code flow, ID token, keys by address.
@Suite(.enabled("a provider from PyPI, with python3-venv and curl") { await RealProvider.isThere() })
struct RealProviderTests {
    private static let ada = #"{"sub":"ada","email":"ada@awesome.example","email_verified":true}"#
    private static let others = [
        #"{"sub":"eve","email":"eve@elsewhere.example","email_verified":true}"#,
        #"{"sub":"ann","email":"ada@awesome.example","email_verified":false}"#,
        #"{"sub":"bea","email":"ada@blau.example","email_verified":true}"#,
    ]

    private func set(
        _ company: String, _ provider: RealProvider, audience: String, in world: ConsoleWorld
    ) async throws {
        let keys = try await provider.discovered("jwks_uri")
        let issuer = try await provider.discovered("issuer")
        let made = try await world.piste(
            "company", "provider", company, "--issuer", issuer, "--audience", audience, "--jwks", keys)
        #expect(made.status == 0, "\(made)")
    }

    private func exchange(
        _ token: String, _ company: String = "awesome", _ more: String..., in world: ConsoleWorld
    ) async throws -> Piste.Outcome {
        try await Piste.run(
            ["token", "exchange", company, "--id-token", "-"] + more,
            environment: ["PISTE_DATABASE_URL": world.url(world.shop)], input: token + "\n")
    }

    @Test func whoSignsInThereReadsInTheOwnCompany() async throws {
        try await ConsoleWorld.run { world in
            let provider = try await RealProvider(users: [Self.ada] + Self.others)
            try await set("awesome", provider, audience: "awesome-app", in: world)
            let signedIn = try await provider.signIn("ada", client: "awesome-app", nonce: "n-1")
            let given = try await exchange(signedIn, "awesome", "--nonce", "n-1", in: world)
            #expect(given.status == 0, "\(given)")
            let shop = try await world.database.connect(as: world.shop)
            let entered = try await shop.query("SELECT * FROM piste.enter($1)", [.text(given.lines[0])])[0]
            #expect(try entered.string("url_id") == "awesome")
            #expect(try entered.string("subject") == "ada@awesome.example")
            try await shop.query("SELECT piste.declare('users.read', 'users')")
            #expect(try await shop.query("SELECT count(*) FROM users")[0].int(0) == 201)
            #expect(
                try await world.value(
                    """
                    SELECT subject FROM piste_test.trail('\(try await world.home())')
                    WHERE action = 'users.read' ORDER BY seq DESC LIMIT 1
                    """) == "ada@awesome.example")
            await shop.close()

            // Once is once; and a code flow begun with another nonce, or with none, is somebody else's.
            let again = try await exchange(signedIn, "awesome", "--nonce", "n-1", in: world)
            #expect(
                again.status == 3 && again.output == "" && again.narration.contains("id_token_used"),
                "\(again)")
            let other = try await provider.signIn("ada", client: "awesome-app", nonce: "n-2")
            for more in [["--nonce", "n-1"], []] {
                let refused = try await Piste.run(
                    ["token", "exchange", "awesome", "--id-token", "-"] + more,
                    environment: ["PISTE_DATABASE_URL": world.url(world.shop)], input: other + "\n")
                #expect(refused.status == 3 && refused.narration.contains("id_token_nonce"), "\(refused)")
            }
            let plain = try await provider.signIn("ada", client: "awesome-app")
            #expect(try await exchange(plain, in: world).status == 0)
        }
    }

    @Test func whatIsNotTheCompanysOwnIsRefused() async throws {
        try await ConsoleWorld.run { world in
            let provider = try await RealProvider(users: [Self.ada] + Self.others)
            let foreign = try await RealProvider(users: [Self.ada])
            let late = try await RealProvider(users: [Self.ada], lifetime: -60)
            try await set("awesome", provider, audience: "awesome-app", in: world)
            try await set("blau", provider, audience: "blau-app", in: world)
            try await set("evil", late, audience: "evil-app", in: world)
            let good = try await provider.signIn("ada", client: "awesome-app")
            let part = good.split(separator: ".").map(String.init)
            let none = Data(#"{"alg":"none"}"#.utf8).base64EncodedString().filter { $0 != "=" }
            for (what, token, company, code) in [
                (
                    "another company's client", try await provider.signIn("ada", client: "blau-app"),
                    "awesome",
                    "id_token_audience"
                ),
                ("another company", good, "blau", "id_token_audience"),
                (
                    "another issuer", try await foreign.signIn("ada", client: "awesome-app"), "awesome",
                    "id_token_unknown_key id_token_signature"
                ),
                ("expired", try await late.signIn("ada", client: "evil-app"), "evil", "id_token_expired"),
                ("no algorithm", "\(none).\(part[1]).", "awesome", "id_token_algorithm"),
                (
                    "touched", "\(part[0]).\(part[1].dropLast(4))AAAA.\(part[2])", "awesome",
                    "id_token_signature id_token_malformed"
                ),
                (
                    "a user of nobody", try await provider.signIn("eve", client: "awesome-app"), "awesome",
                    "user_unknown"
                ),
                (
                    "an address that is not verified",
                    try await provider.signIn("ann", client: "awesome-app"), "awesome",
                    "id_token_email"
                ),
                (
                    "a user of another company", try await provider.signIn("bea", client: "awesome-app"),
                    "awesome",
                    "user_unknown"
                ),
            ] {
                let refused = try await exchange(token, company, in: world)
                #expect(refused.status == 3, "\(what): \(refused)")
                #expect(refused.output == "", "\(what)")
                #expect(
                    code.split(separator: " ").contains { refused.narration.contains($0) },
                    "\(what): \(refused)")
            }
            #expect(try await world.records("token.exchange") == 0)
            #expect(try await world.records("token.refused") == 7)
            #expect(try await exchange(good, in: world).status == 0)
            #expect(
                try await exchange(try await provider.signIn("bea", client: "blau-app"), "blau", in: world)
                    .status == 0)
        }
    }

    @Test func newKeysAreFoundAndAProviderThatIsGoneIsNamed() async throws {
        try await ConsoleWorld.run { world in
            var provider = try await RealProvider(users: [Self.ada])
            try await set("awesome", provider, audience: "awesome-app", in: world)
            let client = try await TenancyClient.connect(world.database.settings(user: world.shop))
            _ = try await client.exchange(
                idToken: try await provider.signIn("ada", client: "awesome-app"), company: "awesome")
            let port = provider.port
            try await provider.stop()
            // What no key could make good is refused without asking for any.
            let gone = try await exchange("a.b.c", in: world)
            #expect(gone.status == 3 && gone.narration.contains("id_token_malformed"), "\(gone)")
            provider = try await RealProvider(users: [Self.ada], port: port)
            let renewed = try await provider.signIn("ada", client: "awesome-app")
            // A few seconds must have passed since the keys were read, whatever a token names.
            let isTaken = try await eventually {
                (try? await client.exchange(idToken: renewed, company: "awesome")) != nil
            }
            #expect(isTaken)
            let last = try await provider.signIn("ada", client: "awesome-app")
            try await provider.stop()
            let away = try await exchange(last, in: world)
            #expect(away.status == 1, "\(away)")
            #expect(away.narration.contains("keys cannot be read from \(provider.issuer)/jwks"), "\(away)")
            #expect(away.output == "")
            await client.close()
        }
    }
}
