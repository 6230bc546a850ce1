import Foundation
import TestSupport
import Testing

/// A company's people sign in at a real OpenID provider, and `piste token exchange` lets in who should be.
@Suite(
    .enabled(
        if: OpenIDProvider.python != nil,
        "needs Python's venv and PyPI, for an OpenID provider to test against"))
struct SignInTests {
    private static let ada = #"{"sub":"ada","email":"ada@awesome.example","email_verified":true}"#
    private static let eve = #"{"sub":"eve","email":"eve@awesome.example","email_verified":false}"#
    private static let mallory =
        #"{"sub":"mallory","email":"mallory@elsewhere.example","email_verified":true}"#

    private func exchange(
        _ token: String, _ world: ConsoleWorld, company: String = "awesome", as login: String? = nil,
        _ more: [String] = []
    ) async throws -> Piste.Outcome {
        try await Piste.run(
            ["token", "exchange", company, "--id-token", "-", "--database", world.url(login ?? world.shop)]
                + more,
            input: token + "\n")
    }

    private func setProvider(
        _ world: ConsoleWorld, _ issuer: String, _ keys: String, company: String = "awesome",
        audience: String = "awesome-app"
    ) async throws -> Piste.Outcome {
        try await Piste.run([
            "company", "provider", company, "--issuer", issuer, "--audience", audience, "--jwks", keys,
            "--database",
            world.url(world.bob),
        ])
    }

    @Test func fromTheProviderIntoTheCompany() async throws {
        try await ConsoleWorld.run { world in
            let provider = try await OpenIDProvider.start(users: [Self.ada, Self.eve, Self.mallory])
            defer { provider.stop() }
            let (keys, token) = try await provider.signIn("ada", client: "awesome-app", nonce: "n-0S6_WzA2Mj")
            let early = try await exchange(token, world)
            #expect(early.status == 3 && early.narration.contains("provider_missing"), "\(early)")

            let set = try await setProvider(world, provider.issuer, keys)
            #expect(set.status == 0 && set.output.contains(provider.issuer), "\(set)")
            // The nonce that it carries is asked for, and compared.
            for wrong in [[], ["--nonce", "another"]] {
                let refused = try await exchange(token, world, wrong)
                #expect(refused.status == 3 && refused.narration.contains("id_token_nonce"), "\(refused)")
                #expect(refused.output == "")
            }
            let given = try await exchange(token, world, ["--nonce", "n-0S6_WzA2Mj", "--minutes", "5"])
            #expect(given.status == 0, "\(given)")
            let claims = try await Piste.run(["token", "inspect", given.lines.first ?? ""])
            #expect(
                claims.output.contains("ada@awesome.example") && claims.output.contains(world.shop),
                "\(claims)")
            let again = try await exchange(token, world, ["--nonce", "n-0S6_WzA2Mj"])
            #expect(again.status == 3 && again.narration.contains("id_token_replayed"), "\(again)")

            // Others who sign in there: an address that nobody verified, and nobody of this company.
            for (subject, code) in [("eve", "id_token_email"), ("mallory", "user_unknown")] {
                let token = try await provider.signIn(subject, client: "awesome-app").token
                let refused = try await exchange(token, world)
                #expect(refused.status == 3 && refused.narration.contains(code), "\(refused)")
            }
            // Another client's token, and another company.
            let foreign = try await provider.signIn("ada", client: "blau-app").token
            let refused = try await exchange(foreign, world)
            #expect(refused.status == 3 && refused.narration.contains("id_token_audience"), "\(refused)")
            #expect(
                try await exchange(foreign, world, company: "blau").narration.contains("provider_missing"))
            #expect(try await setProvider(world, provider.issuer, keys, company: "blau").status == 3)
            #expect(
                try await setProvider(world, provider.issuer, keys, company: "blau", audience: "blau-app")
                    .status == 0)
            let other = try await exchange(foreign, world, company: "blau")
            #expect(other.status == 3 && other.narration.contains("user_unknown"), "\(other)")
            // The signature's own: another algorithm named, no signature, a claim changed.
            let fresh = try await provider.signIn("ada", client: "awesome-app").token
            let parts = fresh.split(separator: ".").map(String.init)
            for (header, code) in [
                (#"{"alg":"none"}"#, "id_token_algorithm"), (#"{"alg":"HS256"}"#, "id_token_algorithm"),
            ] {
                let bent = "\(TestIssuer.base64url(Array(header.utf8))).\(parts[1]).\(parts[2])"
                let refused = try await exchange(bent, world)
                #expect(refused.status == 3 && refused.narration.contains(code), "\(refused)")
            }
            let raised = TestIssuer.base64url(Array(#"{"sub":"ada","email":"bob@awesome.example"}"#.utf8))
            #expect(
                try await exchange("\(parts[0]).\(raised).\(parts[2])", world).narration.contains(
                    "id_token_tampered"))
            // Only a service exchanges, and the honest token is still good for one.
            let alice = try await exchange(fresh, world, as: world.alice)
            #expect(alice.status == 3 && alice.narration.contains("not_allowed"), "\(alice)")
            #expect(try await exchange(fresh, world).status == 0)
            let trail = try await Piste.run([
                "audit", "show", "awesome", "--format", "json", "--database", world.url(world.bob),
            ])
            #expect(
                trail.output.contains("token.exchange") && trail.output.contains(provider.issuer), "\(trail)")
            #expect(!trail.output.contains(parts[2]))
        }
    }

    @Test func anExpiredTokenAndASilentProvider() async throws {
        try await ConsoleWorld.run { world in
            let provider = try await OpenIDProvider.start(users: [Self.ada], tokenSeconds: -120)
            defer { provider.stop() }
            let (keys, token) = try await provider.signIn("ada", client: "awesome-app")
            #expect(try await setProvider(world, provider.issuer, keys).status == 0)
            let late = try await exchange(token, world)
            #expect(late.status == 3 && late.narration.contains("id_token_expired"), "\(late)")
            provider.stop()
            let silent = try await exchange(token, world)
            #expect(silent.status == 1 && silent.narration.contains("keys cannot be fetched"), "\(silent)")
            // A key set that a file holds is not asked for at any address.
            let issuer = try TestIssuer(.p256, keyID: "file")
            let folder = try TemporaryFolder()
            try issuer.keySet.write(toFile: folder.path + "/keys.json", atomically: true, encoding: .utf8)
            #expect(
                try await setProvider(world, "https://id.awesome.example", folder.path + "/keys.json").status
                    == 0)
            let now = Int(Date().timeIntervalSince1970)
            let signed = try issuer.token(
                """
                {"iss":"https://id.awesome.example","aud":"awesome-app","sub":"1","iat":\(now),"exp":\(now + 60),\
                "email":"ada@awesome.example","email_verified":true}
                """)
            #expect(try await exchange(signed, world).status == 0)
            let gone = try await Piste.run([
                "company", "provider", "awesome", "--remove", "--database", world.url(world.bob),
            ])
            #expect(gone.status == 0 && gone.narration.contains("no identity provider any more"), "\(gone)")
        }
    }

    @Test func badInputIsNamed() async throws {
        try await ConsoleWorld.run { world in
            let issuer = try TestIssuer(.p256, keyID: "k")
            let token = try issuer.token("{}")
            let shown = try await Piste.run(["token", "exchange", "awesome", "--id-token", token])
            #expect(shown.status == 2 && shown.narration.contains("not the token itself"), "\(shown)")
            let folder = try TemporaryFolder()
            try "{\"keys\":[]}".write(toFile: folder.path + "/none.json", atomically: true, encoding: .utf8)
            for (keys, words) in [
                (folder.path + "/missing.json", "cannot be read"),
                (folder.path + "/none.json", "no key for RS256"),
                ("http://id.example/keys", "https://"),
            ] {
                let refused = try await setProvider(world, "https://id.example", keys)
                #expect(refused.status != 0 && refused.narration.contains(words), "\(refused)")
            }
            let half = try await Piste.run([
                "company", "provider", "awesome", "--issuer", "https://id.example",
            ])
            #expect(half.status == 2 && half.narration.contains("belong together"), "\(half)")
        }
    }
}
