import ArgumentParser
import FoundationEssentials
import Tenancy

/// `piste token inspect`: what a token says, and what the database says of it.
struct TokenInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a token says of itself, unverified, and what the database says of it.",
        discussion:
            "Only PostgreSQL verifies tokens, when somebody enters with one. A token of - is read from input.",
    )

    @Argument(help: "The token, or - to read it from standard input.")
    var token: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let text = token == "-" ? readLine() ?? "" : token
        guard let claims = TokenClaims(text.trimmingPrefix { $0.isWhitespace }.description) else {
            throw CommandError(
                .failed, "this is not a context token",
                remedy: "a token has three parts with dots between them")
        }
        let status = status(of: claims)
        try Listing.write(
            one: claims, as: form.format,
            [
                Column("header") { .json($0.header) },
                Column("claims") { .json($0.claims) },
                Column("jti") { Value($0.jti) },
                Column("company") { Value($0.company) },
                Column("expires_at") { Value($0.expiresAt) },
                Column("verified") { _ in .truth(false) },
                Column("database_says") { _ in Value(status) },
            ])
        if form.format.isForPeople {
            Narration.say(
                "Nothing of this is verified: PostgreSQL does that when somebody enters with the token.")
        }
    }

    /// What the control list knows of the token's id; nil when the database does not answer.
    private func status(of claims: TokenClaims) -> String? {
        guard let jti = claims.jti else { return nil }
        let contexts: [ContextRecord]
        do {
            contexts = try Target.find(database).withClient { client in
                try await client.contexts(liveOnly: false)
            }
        } catch {
            Narration.say(
                "The database was not asked: " + (CommandError(error)?.what ?? "it is not reachable"))
            return nil
        }
        guard let record = contexts.first(where: { $0.jti == jti }) else {
            return "no context of this id that this login may see"
        }
        return record.standing
    }
}
