import Glibc
import Postgres
import Tenancy
import Terminal

/// `piste migrate --with`: the application's own migration tool makes the next blueprint.
struct ToolMigration {
    let command: String
    /// Whether what comes of it is only told.
    let isCheck: Bool

    /// Runs the tool on tables that are nobody's, and registers what it did, after a trial; false when it did nothing.
    func run(on target: Target) throws -> Bool {
        do {
            let connection = try waitFor { try await Connection.open(target.settings) }
            defer { connection.abandon() }
            let trial = try waitFor { try await ToolTrial.begin(on: connection) }
            let adopted = try waitFor { try await trial.adoptedCompanies() }
            if adopted > 0 {
                Narration.tell(
                    "\(adopted) \(adopted == 1 ? "company was" : "companies were") adopted, and no blueprint is theirs: "
                        + "piste adopt --schemas PATTERN --around COMMAND migrates them.")
            }
            let status: Int32
            do {
                status = try ShellCommand.run(filled(trial, target), changes: variables(trial, target))
            } catch {
                _ = try? waitFor { try await trial.end() }
                throw error
            }
            let script = try waitFor { try await trial.end() }
            guard status == 0 else {
                throw CommandError(
                    status == 128 + SIGINT ? .interrupted : .failed,
                    "the command ended with status \(status)",
                    at: command, remedy: "mend what it tells; nothing was registered")
            }
            guard !script.statements.isEmpty else {
                Narration.say("The command changed nothing: there is no new blueprint.")
                return false
            }
            try register(script, "owner \(name) \(trial.schema.dropFirst(2))", connection)
            return true
        } catch {
            throw CommandError(error, at: target.displayName) ?? error
        }
    }

    private func register(_ script: MigrationScript, _ origin: String, _ connection: Connection) throws {
        let registration = BlueprintRegistration(connection: connection)
        let isCheck = isCheck
        let findings = try waitFor { try await registration.findings(script) }
        guard findings.isEmpty else { throw error(findings) }
        let version = try waitFor {
            try await registration.register(script, origin: origin, keep: !isCheck)
        }
        let count = script.statements.count
        let told = "\(count) \(count == 1 ? "statement" : "statements") of the command"
        Narration.say(
            isCheck
                ? "Nothing is wrong with \(told), and nothing was registered."
                : "Blueprint \(version) is registered, with \(told): new companies have it.")
    }

    /// All that the trial did not take: what, of which statement, and what would be right.
    private func error(_ findings: [BlueprintRegistration.Finding]) -> CommandError {
        let lines = findings.map { finding in
            let place = finding.statement.map { statement in
                ", in: "
                    + statement.sql.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(120)
            }
            let advice = ToolTrial.advice(for: finding.words).map { "; \($0)" }
            return finding.words + (place ?? "") + (advice ?? "")
        }
        return CommandError(
            .failed, lines.joined(separator: "\n"), at: command,
            remedy: "mend what is told; nothing was registered")
    }

    /// The program's name, as part of a blueprint's origin: the rest of a command may hold a password.
    private var name: String {
        let word = command.split(whereSeparator: \.isWhitespace).first ?? "tool"
        let last = word.split(separator: "/").last ?? "tool"
        return String(
            last.lowercased().filter { "abcdefghijklmnopqrstuvwxyz0123456789._-".contains($0) }.prefix(40))
    }

    private func filled(_ trial: ToolTrial, _ target: Target) -> String {
        command.split(separator: "{url}", omittingEmptySubsequences: false).joined(
            separator: url(trial, target))
    }

    /// Where the tool finds the database, as most programs read it.
    private func url(_ trial: ToolTrial, _ target: Target) -> String {
        let host = target.settings.value("host") ?? target.settings.value("hostaddr") ?? "/var/run/postgresql"
        let port = target.settings.value("port").map { ":\($0)" } ?? ""
        let name = target.settings.value("dbname") ?? target.login
        let encoded = [trial.login, trial.password, host, name].map(Self.encoded)
        return "postgresql://\(encoded[0]):\(encoded[1])@\(encoded[2])\(port)/\(encoded[3])"
    }

    /// The same for libpq and what takes after it; what would lead elsewhere is taken away.
    private func variables(_ trial: ToolTrial, _ target: Target) -> [String: String?] {
        var variables: [String: String?] = [
            "PGUSER": trial.login, "PGPASSWORD": trial.password,
            "PGDATABASE": target.settings.value("dbname") ?? target.login,
            "DATABASE_URL": url(trial, target), "PISTE_SCHEMA": trial.schema,
            "PGSERVICE": String?.none, "PGOPTIONS": String?.none, "PISTE_DATABASE_URL": String?.none,
        ]
        for (name, keyword) in [
            ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGSSLMODE", "sslmode"),
            ("PGSSLROOTCERT", "sslrootcert"),
        ] {
            variables[name] = target.settings.value(keyword)
        }
        return variables
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~".unicodeScalars.contains(scalar) { return String(Character(scalar)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
