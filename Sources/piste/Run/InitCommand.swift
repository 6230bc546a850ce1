import ArgumentParser
import Postgres
import Tenancy
import Terminal

/// `piste init`: installs the engine, as a superuser or as the owner of a managed database.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Install or upgrade the engine in a database, as a superuser or as its owner.",
        discussion: """
            Where nobody is superuser (RDS, Cloud SQL, Azure and kin), the owner of the database with CREATEROLE installs it; \
            what is lost then is told here, by piste doctor and in the report of piste prove. After an upgrade of PostgreSQL, \
            or a restore, it mends what came without its roles' rights; in a copy of a database in the same cluster it gives \
            the companies roles of their own.

            Examples:
              piste init --database postgresql://postgres@db.example/shop --admin bob
            """,
    )

    @Option(
        help: ArgumentHelp(
            "Register this login as an admin; it is made when there is none.", valueName: "login"))
    var admin: String?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let target = try Target.findForChange(database, localLogin: "postgres")
        let admin = admin
        let outcome: EngineInstaller.Outcome
        do {
            outcome = try waitFor { try await Self.install(target) }
        } catch {
            guard var failure = CommandError(error, at: target.displayName) else { throw error }
            if (error as? TenancyError)?.code == .notAllowed {
                failure.remedy = "mend what is named there, or name another login: --as LOGIN"
            }
            throw failure
        }
        let was = outcome.before.map { " (it was \($0))" } ?? ""
        Narration.say("Engine \(outcome.version) is installed\(was) in \(target.displayName).")
        if !outcome.losses.isEmpty {
            Narration.say("Without a superuser this is lost, and told by piste doctor and piste prove too:")
            for loss in outcome.losses { Narration.say("  \(String(displaying: loss))") }
        }
        guard let admin else { return }
        do {
            try waitFor { try await Self.register(admin, target) }
        } catch {
            throw Self.failure(of: admin, error, target)
        }
        Narration.say("\(String(displaying: admin)) is an admin.")
    }

    /// What is wrong with the login, after the engine was installed all the same.
    private static func failure(of admin: String, _ error: any Error, _ target: Target) -> any Error {
        guard var failure = CommandError(error, at: target.displayName) else { return error }
        let login = Quoted.identifier(admin)
        failure.what =
            "the engine is installed, and \(String(displaying: admin)) is no admin yet: \(failure.what)"
        failure.remedy =
            failure.refusal == "login_unsafe"
            ? "mend the login (one that inherits: ALTER ROLE \(String(displaying: login)) NOINHERIT), or name another; "
                + "then once more piste init --admin LOGIN"
            : "once more, when that is mended: piste init --admin LOGIN"
        return failure
    }

    private static func install(_ target: Target) async throws -> EngineInstaller.Outcome {
        let connection = try await Connection.open(target.settings)
        defer { connection.abandon() }
        let outcome = try await EngineInstaller().install(on: connection)
        await connection.close()
        return outcome
    }

    private static func register(_ admin: String, _ target: Target) async throws {
        let client = try await TenancyClient.connect(target.settings)
        do {
            try await client.addOperator(admin, level: .admin)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}
