import Postgres

/// A hostile act that can be tried on a running system without harming it, and its control.
///
/// Whatever is tried in SQL is tried in a transaction that is rolled back, in a company that is thrown away.
struct Probe: Sendable {
    let id: String
    let family: ProbeOutcome.Family
    let what: String
    /// The statements as a report shows them, with `{own}`, `{other}` and `{real}` for the companies' stores, and
    /// `{own-windows}` and so on for their windows.
    let attack: String
    let expected: [String]
    let control: String
    let run: @Sendable (ProbeStage) async throws -> Result

    /// What came of it.
    struct Result: Sendable {
        let answer: ProbeAnswer
        let control: ProbeAnswer
        /// Whether the control was let through.
        let holds: Bool
    }

    init(
        _ family: ProbeOutcome.Family, _ name: String, _ what: String, attack: String, expected: [String],
        control: String, run: @escaping @Sendable (ProbeStage) async throws -> Result
    ) {
        id = "probe.\(family.rawValue).\(name)"
        self.family = family
        self.what = what
        self.attack = attack
        self.expected = expected
        self.control = control
        self.run = run
    }
}

extension Probe {
    /// Statements of a reader in an open context who has just declared; the same session reads on afterwards.
    ///
    /// In a transaction that is rolled back, so that an attack that is let through does no harm.
    static func reader(
        _ family: ProbeOutcome.Family, _ name: String, _ what: String, _ statements: [String],
        _ expected: String...
    ) -> Probe {
        Probe(
            family, name, what, attack: statements.joined(separator: "; "),
            expected: expected.isEmpty ? ["42501"] : expected,
            control: "the same session declares and reads on"
        ) { stage in
            let session = try await stage.reader()
            try await session.declare()
            let answer = await session.tryOut(statements.map { stage.filled($0) })
            try await session.declare()
            return await Result(answer: answer, reading: session)
        }
    }
}

extension Probe.Result {
    /// An answer, and a control that must give every row of the throw-away company.
    init(answer: ProbeAnswer, reading session: ProbeSession) async {
        let control = await session.answer("SELECT id FROM users")
        self.init(answer: answer, control: control, holds: control == .rows(ProbeStage.users))
    }

    /// An answer, and a control that must be done.
    init(answer: ProbeAnswer, done control: ProbeAnswer) {
        let isDone = if case .rows = control { true } else { false }
        self.init(answer: answer, control: control, holds: isDone)
    }
}
