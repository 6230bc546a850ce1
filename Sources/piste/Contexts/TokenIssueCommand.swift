import ArgumentParser
import Listing
import Tenancy

/// `piste token issue`: a token that opens a context of one company.
struct TokenIssueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue a token that opens a context of one company, for this login.",
        discussion: """
            Examples:
              piste token issue acme --minutes 5
              piste token issue acme --format json
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: "How long it lives, from 1 to 30 minutes.")
    var minutes = 30

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws { try ValidationError.check("--minutes", minutes, in: 1...30) }

    func run() throws {
        let (company, minutes) = (company, minutes)
        let token = try Target.find(database).withClient { client in
            try await client.generateContextToken(for: company, minutes: minutes)
        }
        try Self.write(token, as: form.format)
    }

    /// Writes a token: alone on its line for people and scripts, its id and its end beside it.
    static func write(_ token: ContextToken, as format: ListingFormat) throws {
        guard format == .table else {
            return try Listing.write(
                one: token, as: format,
                [
                    Column("token") { .text($0.token) },
                    Column("jti") { .text($0.jti) },
                    Column("expires_at") { .moment($0.expiresAt) },
                ])
        }
        try StandardOutput.shared.line(token.token)
        Narration.say("jti \(token.jti), until \(Moment.local(token.expiresAt))")
    }
}
