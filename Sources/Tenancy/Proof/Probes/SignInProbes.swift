import Postgres

/// The sign-in of a company's own people, by somebody who is no service, and with a provider that is no company's own.
enum SignInProbes {
    private static let key = #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a"}"#
    private static let set = "SELECT * FROM piste.set_company_provider($1, $2, $3, jwks => $4::jsonb)"

    static let all: [Probe] = [
        Probe(
            .tokens, "exchange-by-a-person",
            "Only a service exchanges an ID token; a person acts as a user by impersonation",
            attack: "declare('users.read', 'users'); exchange_id_token({own-id}, …, 'u1@probe.example', …)",
            expected: ["not_allowed"], control: "the same session declares and reads that user"
        ) { stage in
            let session = try await stage.reader()
            try await session.declare()
            let answer = await session.answer(
                """
                SELECT * FROM piste.exchange_id_token(
                    $1, 'https://id.example', 'a', 'u1@probe.example', repeat('a', 64), clock_timestamp() + interval '5 min')
                """, [.text(stage.own.urlID)])
            try await session.declare()
            return await Probe.Result(answer: answer, reading: session)
        },
        Probe(
            .tokens, "provider-shared",
            "Two companies never share an identity provider's issuer and audience",
            attack: "set_company_provider({other-id}, issuer and audience of {own-id})",
            expected: ["provider_taken"],
            control: "set_company_provider({other-id}, an audience of its own)"
        ) { stage in
            let issuer = "https://\(stage.own.urlID).example"
            func provide(_ company: String, _ audience: String) async -> ProbeAnswer {
                await stage.control.answer(
                    set, [.text(company), .text(issuer), .text(audience), .text(#"{"keys":[\#(key)]}"#)])
            }
            guard await provide(stage.own.urlID, "own") == .rows(1) else {
                throw PostgresError(.misuse, "the throw-away company got no provider")
            }
            let answer = await provide(stage.other.urlID, "own")
            return Probe.Result(answer: answer, done: await provide(stage.other.urlID, "other"))
        },
        Probe(
            .tokens, "provider-with-a-secret",
            "An identity provider's private key is not taken into the database",
            attack: "set_company_provider({own-id}, a key set with a private key)", expected: ["PT400"],
            control: "set_company_provider({own-id}, a key set with public keys)"
        ) { stage in
            func provide(_ keys: String) async -> ProbeAnswer {
                await stage.control.answer(
                    set,
                    [
                        .text(stage.own.urlID), .text("https://\(stage.own.urlID).example"), .text("own"),
                        .text(#"{"keys":[\#(keys)]}"#),
                    ])
            }
            let answer = await provide(#"{"kty":"oct","k":"AA"},\#(key)"#)
            return Probe.Result(answer: answer, done: await provide(key))
        },
    ]
}
