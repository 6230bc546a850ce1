import ArgumentParser

/// `piste token`: context tokens.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Issue, exchange, inspect and revoke context tokens.",
        subcommands: [
            TokenIssueCommand.self, TokenExchangeCommand.self, TokenInspectCommand.self,
            TokenRevokeCommand.self,
        ],
    )
}
