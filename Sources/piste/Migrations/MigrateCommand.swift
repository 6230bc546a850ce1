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

            --add registers a migration of your own as the next blueprint, after a trial on a throw-away company. \
            Its SQL has the placeholders {schema}, {company}, {reader}, {agent} and {writer}.

            Examples:
              piste migrate --status
              piste migrate --add tables.sql
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

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        try ValidationError.check("--jobs", jobs, in: 1...64)
        guard [dryRun, status, add != nil].filter({ $0 }).count < 2 else {
            throw ValidationError("take one of --dry-run, --status and --add")
        }
    }

    func run() throws {
        if let add { return try register(add) }
        let target = try status || dryRun ? Target.find(database) : Target.findForChange(database)
        if status { return try FleetListing.write(of: target, as: form.format) }
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

    /// Registers the file's SQL under the name of the file.
    private func register(_ path: String) throws {
        guard let text = TextFile.read(path) else {
            throw CommandError(.failed, "the file cannot be read as text", at: path)
        }
        let target = try Target.findForChange(database, localLogin: "postgres")
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let origin = "owner " + name.lowercased()
        do {
            let version = try waitFor {
                let connection = try await Connection.open(target.settings)
                defer { connection.abandon() }
                return try await BlueprintRegistration(connection: connection).register(text, origin: origin)
            }
            Narration.say("Blueprint \(version) is registered: new companies have it.")
            Narration.say("piste migrate brings the others.")
        } catch {
            throw CommandError(error, at: "\(path), in \(target.displayName)") ?? error
        }
    }
}
