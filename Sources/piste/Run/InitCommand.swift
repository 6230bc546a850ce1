import ArgumentParser
import Postgres
import Tenancy
import Terminal

/// `piste init`: installs the engine, the one thing that needs a superuser.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Install or upgrade the engine in a database, as its superuser, once.",
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
            outcome = try waitFor { try await Self.install(target, admin: admin) }
        } catch {
            guard var failure = CommandError(error, at: target.displayName) else { throw error }
            if (error as? TenancyError)?.code == .notAllowed {
                failure.remedy = "name a superuser of the database: --as LOGIN"
            }
            throw failure
        }
        let was = outcome.before.map { " (it was \($0))" } ?? ""
        Narration.say("Engine \(outcome.version) is installed\(was) in \(target.displayName).")
        if let admin { Narration.say("\(String(displaying: admin)) is an admin.") }
    }

    private static func install(_ target: Target, admin: String?) async throws -> EngineInstaller.Outcome {
        let connection = try await Connection.open(target.settings)
        defer { connection.abandon() }
        let outcome = try await EngineInstaller().install(on: connection)
        await connection.close()
        if let admin {
            let client = try await TenancyClient.connect(target.settings)
            try await client.addOperator(admin, level: .admin)
            await client.close()
        }
        return outcome
    }
}
