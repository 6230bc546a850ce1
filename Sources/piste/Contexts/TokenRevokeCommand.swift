import ArgumentParser
import Tenancy

/// `piste token revoke`: ends a token, and with it the context that it opened.
struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a token: its context, membership and backend end at once.",
        discussion: """
            Examples:
              piste token revoke 5f3c9a52-0000-4000-8000-000000000000
            """,
    )

    @Argument(help: "The token's id.", completion: .contexts)
    var jti: String

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        try EndCommand.end(jti, why: "revoked", Target.findForChange(database))
    }
}
