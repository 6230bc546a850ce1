import Postgres

/// Where probes play: two throw-away companies, a real one beside them, and connections of the prover's own login.
///
/// The real company is named in statements that must be refused, and in no other.
actor ProbeStage {
    /// How many users a throw-away company has.
    static let users = 12

    struct Token: Sendable {
        let text: String
        let jti: String
    }

    nonisolated let settings: ConnectionSettings
    /// The url ids and the stores.
    nonisolated let own: (urlID: String, home: String)
    nonisolated let other: (urlID: String, home: String)
    nonisolated let real: (urlID: String, home: String)
    nonisolated let control: ProbeSession
    private var kept: ProbeSession?
    private var blocking: Task<Probe.Result, any Error>?

    init(
        _ settings: ConnectionSettings, control: ProbeSession, own: (String, String), other: (String, String),
        real: (String, String)?
    ) {
        self.settings = settings
        self.control = control
        self.own = own
        self.other = other
        self.real = real ?? other
    }

    /// A statement with the companies' names in it.
    nonisolated func filled(_ sql: String) -> String {
        var text = sql
        for (name, value) in [
            ("{own}", own.home), ("{other}", other.home), ("{real}", real.home), ("{own-id}", own.urlID),
            ("{other-id}", other.urlID), ("{real-id}", real.urlID), ("{own-windows}", Self.windows(own.home)),
            ("{other-windows}", Self.windows(other.home)), ("{real-windows}", Self.windows(real.home)),
        ] {
            text = text.split(separator: name, omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }

    /// The schema of a company's windows, which is named like its store.
    private static func windows(_ home: String) -> String {
        "w" + home.dropFirst()
    }

    /// A session that has not entered.
    nonisolated func session(options: String? = nil) async throws -> ProbeSession {
        ProbeSession(
            connection: try await Connection.open(
                settings.with(applicationName: "piste prove", options: options)))
    }

    /// A fresh token for a throw-away company.
    nonisolated func token(_ urlID: String? = nil) async throws -> Token {
        try await token("SELECT * FROM piste.generate_context_token($1)", [.text(urlID ?? own.urlID)])
    }

    /// A fresh token for an impersonation of a throw-away company.
    nonisolated func impersonation(_ urlID: String? = nil) async throws -> Token {
        try await token(
            "SELECT * FROM piste.impersonate_company($1, 'a probe of piste prove')",
            [.text(urlID ?? own.urlID)])
    }

    /// A committed ticket for every table of a throw-away company, to be used within ten seconds.
    nonisolated func ticket(_ urlID: String? = nil, readOnly: Bool = false) async throws -> String {
        let row = try await control.must(
            "SELECT * FROM piste.ticket($1, 'users.change', '*', read_only => $2)",
            [.text(urlID ?? own.urlID), .bool(readOnly)]
        ).first
        guard let row, try row.isNull("refusal") else {
            throw PostgresError(.misuse, try row?.optionalString("refusal") ?? "no ticket was made")
        }
        return try row.string("ticket")
    }

    /// A session in a transaction that uses a ticket of a throw-away company.
    nonisolated func using(_ ticket: String) async throws -> ProbeSession {
        let session = try await session()
        try await session.must("BEGIN")
        try await session.must("SELECT * FROM piste.use($1::uuid)", [.text(ticket)])
        return session
    }

    private nonisolated func token(_ sql: String, _ parameters: [Parameter]) async throws -> Token {
        let row = try await control.must(sql, parameters).first
        guard let row, try row.isNull("refusal") else {
            throw PostgresError(.misuse, try row?.optionalString("refusal") ?? "no token was issued")
        }
        return Token(text: try row.string("token"), jti: try row.string("jti"))
    }

    /// A session in a context of a throw-away company.
    nonisolated func entered(_ token: Token) async throws -> ProbeSession {
        let session = try await session()
        let answer = await session.answer("SELECT * FROM piste.enter($1)", [.text(token.text)])
        guard answer == .rows(1) else {
            await session.close()
            throw PostgresError(.misuse, "the throw-away company could not be entered: \(answer)")
        }
        return session
    }

    /// Lets a context of a throw-away company run out.
    nonisolated func expire(_ token: Token, milliseconds: Int = 0) async throws {
        try await change(token, "expire", milliseconds)
    }

    /// Has a token be somebody else's.
    nonisolated func estrange(_ token: Token) async throws {
        try await change(token, "foreign", 0)
    }

    private nonisolated func change(_ token: Token, _ manner: String, _ milliseconds: Int) async throws {
        let row = try await control.must(
            "SELECT piste.change_probe_token($1::uuid, $2, $3::int)",
            [.text(token.jti), .text(manner), .int(Int64(milliseconds))]
        ).first
        guard try row?.bool(0) == true else {
            throw PostgresError(.misuse, "the token of the throw-away company could not be changed")
        }
    }

    /// The session that runs the statements of a reader one after the other; a new one when the last is gone.
    func reader() async throws -> ProbeSession {
        if let kept, kept.connection.isAlive,
            await kept.answer("SELECT jti FROM piste.whoami() WHERE jti IS NOT NULL") == .rows(1)
        {
            return kept
        }
        await kept?.close()
        kept = nil
        let session = try await entered(token())
        kept = session
        return session
    }

    /// Begins what takes seconds beside the other probes of its kind, unless it has begun.
    func beginBlocking() {
        blocking = blocking ?? Task { try await HoldProbes.blockedWrite(self) }
    }

    /// What came of it.
    func blocked() async throws -> Probe.Result {
        beginBlocking()
        defer { blocking = nil }
        guard let task = blocking else { throw PostgresError(.misuse, "nothing was begun") }
        return try await task.value
    }

    /// Closes what was kept open.
    func close() async {
        blocking?.cancel()
        _ = await blocking?.result
        blocking = nil
        await kept?.close()
        kept = nil
    }
}
