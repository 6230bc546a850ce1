import ArgumentParser
import Postgres
import Tenancy
import Terminal

/// `piste migrate`: brings every company to the newest blueprint.
struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring every company to the newest blueprint; what was interrupted is resumed.",
        discussion: """
            Each company is migrated in one transaction, or stays what it was. The first failure ends the run; \
            companies in use are tried again, and reported when they stay in use.

            --add registers a migration of your own as the next blueprint, after a trial on a throw-away company that \
            tells all that is wrong at once, with line and statement; --check registers nothing. Plain SQL, as Django, \
            Alembic, Rails or pg_dump write it, runs in each company's schema, and every table that it makes is put behind \
            the gate. SQL with the placeholders {schema}, {company}, {reader}, {agent} and {writer} does that itself.

            --with runs a command, your application's own migration tool, on tables of its own that are those of a company, \
            as a login that owns nothing else. It finds them by PGHOST, PGUSER and the like, by DATABASE_URL, or by {url} in \
            the command itself. Every statement by which it changes tables or rows becomes the next blueprint, after \
            the same trial, and is then brought to every company.

            Examples:
              piste migrate --status
              piste migrate --add tables.sql
              piste migrate --with 'python manage.py migrate' --canary acme
              piste migrate --dry-run
              piste migrate --canary acme --jobs 4
            """,
    )

    @Option(help: "Companies side by side, each on a connection of its own.")
    var jobs = 4

    @Option(
        help: ArgumentHelp(
            "This company goes first and alone; when it fails, no other is touched.", valueName: "company"),
        completion: .companies)
    var canary: String?

    @Flag(help: "Do it all to every company, and keep nothing.")
    var dryRun = false

    @Flag(help: "Tell how many companies have which blueprint, and what failed.")
    var status = false

    @Option(
        help: ArgumentHelp(
            "Register this SQL as the next blueprint, as whoever installed the engine.", valueName: "file"),
        completion: .file())
    var add: String?

    @Option(
        help: ArgumentHelp(
            "Have this command make the next blueprint, as a superuser, and bring it to every company.",
            valueName: "command"))
    var with: String?

    @Flag(help: "Take the newest blueprint of your own back, while no company has it.")
    var withdraw = false

    @Flag(help: "With --add or --with: tell what is wrong, and register nothing.")
    var check = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard !check || add != nil || with != nil else {
            throw ValidationError("--check goes with --add FILE or --with COMMAND")
        }
        try ValidationError.check("--jobs", jobs, in: 1...64)
        guard [dryRun, status, withdraw, add != nil, with != nil].filter({ $0 }).count < 2 else {
            throw ValidationError("take one of --dry-run, --status, --withdraw, --add and --with")
        }
    }

    func run() throws {
        if let add { return try register(add) }
        if let with { return try migrate(with: with) }
        if withdraw { return try takeBack() }
        let target = try status || dryRun ? Target.find(database) : Target.findForChange(database)
        if status { return try FleetListing.write(of: target, as: form.format) }
        try bring(target)
    }

    /// Has the tool make the next blueprint, and brings it to every company.
    private func migrate(with command: String) throws {
        let target = try Target.findForChange(database, localLogin: "postgres")
        _ = try ToolMigration(command: command, isCheck: check).run(on: target)
        if !check { try bring(target) }
    }

    private func bring(_ target: Target) throws {
        let bar = LateBar(dryRun ? "Rehearsing" : "Migrating")
        let run = MigrationRun(target.settings, jobs: jobs, canary: canary, isRehearsal: dryRun)
        let summary: MigrationRun.Summary
        do {
            summary = try waitFor {
                try await run.run(begin: { bar.begin($0) }, each: { _ in bar.advance() })
            }
        } catch {
            bar.finish()
            throw CommandError(error, at: target.displayName) ?? error
        }
        bar.finish()
        try report(summary, target)
    }

    private func report(_ summary: MigrationRun.Summary, _ target: Target) throws {
        let verb = dryRun ? "would be migrated" : summary.done == 1 ? "was migrated" : "were migrated"
        Narration.say("\(summary.done) \(summary.done == 1 ? "company" : "companies") \(verb).")
        let troubled = summary.failed + summary.waiting
        if !troubled.isEmpty {
            try Listing.write(troubled, as: form.format, FleetListing.outcomes)
            try StandardOutput.shared.flush()
        }
        guard !summary.isComplete else { return }
        var what = "\(summary.failed.count) failed, \(summary.waiting.count) in use, \(summary.left) left"
        if summary.stoppedAtCanary { what = "the canary was not migrated, and no other company was touched" }
        throw CommandError(
            .failed, what, at: target.displayName,
            remedy: "mend what the error tells, and run piste migrate again: it goes on where it was")
    }

    private func takeBack() throws {
        let target = try Target.findForChange(database, localLogin: "postgres")
        do {
            let (version, origin) = try waitFor {
                let connection = try await Connection.open(target.settings)
                defer { connection.abandon() }
                return try await BlueprintRegistration(connection: connection).withdraw()
            }
            Narration.say("Blueprint \(version) (\(origin)) is taken back: no company has had it.")
        } catch {
            throw CommandError(error, at: target.displayName) ?? error
        }
    }

    /// Registers the file's SQL under the name of the file.
    private func register(_ path: String) throws {
        guard let text = TextFile.read(path) else {
            throw CommandError(.failed, "the file cannot be read as text", at: path)
        }
        let target = try Target.findForChange(database, localLogin: "postgres")
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let origin = "owner " + name.lowercased()
        let check = check
        do {
            let version = try waitFor {
                let connection = try await Connection.open(target.settings)
                defer { connection.abandon() }
                let registration = BlueprintRegistration(connection: connection)
                let findings = try await registration.findings(MigrationScript(text))
                guard findings.isEmpty else { throw Self.error(findings, path) }
                return try await registration.register(text, origin: origin, keep: !check)
            }
            if check {
                Narration.say("Nothing is wrong with it, and nothing was registered.")
                return
            }
            Narration.say("Blueprint \(version) is registered: new companies have it.")
            Narration.say("piste migrate brings the others.")
        } catch {
            throw CommandError(error, at: "\(path), in \(target.displayName)") ?? error
        }
    }

    /// All that a trial found, a line each.
    private static func error(_ findings: [BlueprintRegistration.Finding], _ path: String) -> CommandError {
        let lines = findings.map { finding in
            guard let statement = finding.statement else { return finding.words }
            let first = statement.sql.split(separator: "\n").first ?? ""
            return "line \(statement.line): \(finding.words), in: \(first.prefix(80))"
        }
        return CommandError(
            .failed, lines.joined(separator: "\n"), at: path,
            remedy: "mend what is told; nothing was registered")
    }
}
