import Postgres

/// Names made of SQL, too long, or reserved.
enum NameProbes {
    static let all: [Probe] = [
        named("injection", "A url id made of SQL is none", "x'); DROP SCHEMA piste CASCADE; --"),
        named("reserved", "A url id is not a schema of the system", "pg_catalog"),
        named("too-long", "A url id of more than 63 characters is none", String(repeating: "a", count: 64)),
        named("look-alike", "A url id of look-alike letters is none", "\u{430}cme"),
        named("path", "A url id is no path", "../acme"),
        named("hyphen-last", "A url id does not end in a hyphen", "acme-"),
        named("hyphen-twice", "A url id has single hyphens only", "ac--me"),
        Probe(
            .names, "unknown-company", "A name made of SQL finds no company",
            attack: "generate_context_token('{own-id}'' OR ''1''=''1')", expected: ["unknown_company"],
            control: "generate_context_token('{own-id}')"
        ) { stage in
            let call = "SELECT * FROM piste.generate_context_token($1)"
            let answer = await stage.control.answer(call, [.text(stage.own.urlID + "' OR '1'='1")])
            let control = await stage.control.answer(call, [.text(stage.own.urlID)])
            return Probe.Result(answer: answer, done: control)
        },
        Probe(
            .names, "display-name", "A company's name made of placeholders and SQL stays a label",
            attack: "rename_company({own-id}, '{schema}''; DROP SCHEMA piste; --')",
            expected: ["only a label"],
            control: "the company is entered and read as before"
        ) { stage in
            let name = "{schema}'; DROP SCHEMA piste CASCADE; --"
            try await stage.control.must(
                "SELECT * FROM piste.rename_company($1, $2)", [.text(stage.own.urlID), .text(name)])
            let kept = try await stage.control.must(
                "SELECT name FROM piste.company($1)", [.text(stage.own.urlID)]
            ).first?.optionalString(0)
            let session = try await stage.entered(stage.token())
            try await session.declare()
            let result = await Probe.Result(
                answer: kept == name ? .refusal("only a label") : .refusal("changed"), reading: session)
            await session.close()
            return result
        },
    ]

    /// A company by this name, in a transaction that is rolled back.
    private static func named(_ name: String, _ what: String, _ urlID: String) -> Probe {
        Probe(
            .names, name, what, attack: "create_company('X', '\(urlID)', 'none')", expected: ["PT400"],
            control: "the same with a sound name, and both rolled back"
        ) { stage in
            let session = try await stage.session()
            let call = "SELECT * FROM piste.create_company('X', $1, 'none')"
            try await session.must("BEGIN")
            let answer = await session.answer(call, [.text(urlID)])
            try await session.must("ROLLBACK")
            try await session.must("BEGIN")
            let control = await session.answer(call, [.text("\(stage.own.urlID)-too")])
            try await session.must("ROLLBACK")
            await session.close()
            return Probe.Result(answer: answer, done: control)
        }
    }
}
