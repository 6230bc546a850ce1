import Postgres

/// Acting as a customer: not without a reason, not one inside the other, not beyond what is allowed.
enum ImpersonationProbes {
    static let all: [Probe] = [
        Probe(
            .impersonation, "empty-reason", "Nobody impersonates without a written reason",
            attack: "impersonate_company({own-id}, ' ')", expected: ["reason_required"],
            control: "the same with a reason"
        ) { stage in
            let call = "SELECT * FROM piste.impersonate_company($1, $2)"
            let answer = await stage.control.answer(call, [.text(stage.own.urlID), " "])
            let control = await stage.control.answer(
                call, [.text(stage.own.urlID), "a probe of piste prove"])
            return Probe.Result(answer: answer, done: control)
        },
        Probe(
            .impersonation, "nested", "Nobody impersonates from within an impersonation",
            attack: "impersonate_company({other-id}, 'why') inside an impersonation of {own-id}",
            expected: ["nested_impersonation"], control: "the same from outside"
        ) { stage in
            let session = try await stage.entered(stage.impersonation())
            let call = "SELECT * FROM piste.impersonate_company($1, 'a probe of piste prove')"
            let answer = await session.answer(call, [.text(stage.other.urlID)])
            await session.close()
            let control = await stage.control.answer(call, [.text(stage.other.urlID)])
            return Probe.Result(answer: answer, done: control)
        },
        agent(
            "writer-rights", "An impersonation adds no rows",
            "INSERT INTO users (email, name) VALUES ('x@x', 'x')"),
        agent("deleting", "An impersonation deletes no rows", "DELETE FROM users WHERE id = 1"),
        agent(
            "identity", "An impersonation does not change who somebody is",
            "UPDATE users SET email = 'x@x' WHERE id = 1"),
        agent(
            "writer-role", "An impersonation does not take on the application's role",
            "SET LOCAL ROLE {own}_writer"),
        Probe(
            .impersonation, "changing-undeclared",
            "An impersonation changes nothing that it has not announced",
            attack: "UPDATE users SET status = 'suspended' WHERE id = 2", expected: ["PT403"],
            control: "declare, and the same UPDATE, recorded with its columns, its values apart"
        ) { stage in
            let session = try await stage.entered(stage.impersonation())
            let change = "UPDATE users SET status = 'suspended' WHERE id = 2"
            let answer = await session.answer(change)
            try await session.declare()
            let control = await session.answer(change)
            let trail = await session.answer(
                "SELECT FROM piste.audit_trail() WHERE action = 'users.update' AND detail = '{\"columns\": [\"status\"]}' AND has_values"
            )
            await session.close()
            return Probe.Result(
                answer: answer, control: control, holds: control == .rows(1) && trail == .rows(1))
        },
        Probe(
            .impersonation, "taken-back", "An impersonation whose record is rolled back was none",
            attack: "BEGIN; impersonate_company(…); ROLLBACK; enter(its token)", expected: ["token_unknown"],
            control: "the same with COMMIT"
        ) { stage in
            let session = try await stage.session()
            var answers: [ProbeAnswer] = []
            for end in ["ROLLBACK", "COMMIT"] {
                try await session.must("BEGIN")
                let row = try await session.must(
                    "SELECT token FROM piste.impersonate_company($1, 'a probe of piste prove')",
                    [.text(stage.own.urlID)]
                ).first
                try await session.must(end)
                let token = try row?.optionalString(0) ?? ""
                answers.append(await session.answer("SELECT * FROM piste.enter($1)", [.text(token)]))
            }
            await session.close()
            return Probe.Result(answer: answers[0], done: answers[1])
        },
        Probe(
            .impersonation, "policy-denied", "A company that allows no impersonation is not impersonated",
            attack: "set_company_policy({other-id}, 'denied'); impersonate_company({other-id}, 'why')",
            expected: ["impersonation_denied"], control: "the same once the company allows it"
        ) { stage in
            let answer = try await Self.asking(stage, policy: "denied").answer
            let control = try await Self.asking(stage, policy: "allowed").answer
            return Probe.Result(answer: answer, done: control)
        },
        Probe(
            .impersonation, "own-approval", "Nobody approves a request of their own",
            attack:
                "set_company_policy({other-id}, 'approval'); impersonate_company(…); decide_request(…, true, 'mine')",
            expected: ["own_request"], control: "withdrawing the same request"
        ) { stage in
            let request = try await Self.asking(stage, policy: "approval").request
            let answer = await stage.control.answer(
                "SELECT * FROM piste.decide_request($1::uuid, true, 'a probe of piste prove')",
                [Parameter(request)])
            let control = await stage.control.answer(
                "SELECT * FROM piste.withdraw_request($1::uuid)", [Parameter(request)])
            _ = try await Self.asking(stage, policy: "allowed")
            return Probe.Result(answer: answer, done: control)
        },
    ]

    /// Asks for an impersonation of the other throw-away company under a policy.
    private static func asking(
        _ stage: ProbeStage, policy: String
    ) async throws -> (answer: ProbeAnswer, request: String?) {
        try await stage.control.must(
            "SELECT * FROM piste.set_company_policy($1, $2)", [.text(stage.other.urlID), .text(policy)])
        let row = try await stage.control.must(
            "SELECT * FROM piste.impersonate_company($1, 'a probe of piste prove')",
            [.text(stage.other.urlID)]
        ).first
        let refusal = try row?.optionalString("refusal")
        return (
            refusal.map { .refusal(String($0.prefix { $0 != ":" })) } ?? .rows(1),
            try row?.optionalString("request")
        )
    }

    /// A statement of an agent who has declared, in a transaction that is rolled back.
    private static func agent(_ name: String, _ what: String, _ sql: String) -> Probe {
        Probe(
            .impersonation, name, what, attack: sql, expected: ["42501"],
            control: "the same session declares and reads on"
        ) { stage in
            let session = try await stage.entered(stage.impersonation())
            try await session.declare()
            let answer = await session.tryOut([stage.filled(sql)])
            try await session.declare()
            let result = await Probe.Result(answer: answer, reading: session)
            await session.close()
            return result
        }
    }
}
