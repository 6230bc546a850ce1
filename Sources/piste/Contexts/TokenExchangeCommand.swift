import ArgumentParser
import Tenancy

/// `piste token exchange`: a context token for a company's user who signed in with the company's own provider.
struct TokenExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract:
            "Exchange an ID token of a company's own identity provider for a context token of that user (service).",
        discussion: """
            The ID token (OpenID Connect, RS256 or ES256) is verified: signature, issuer, audience, end, nonce, verified email \
            address, an active user of the company, once. The company's provider is set with piste company provider.
            """,
    )

    @Argument(help: "The company's url id.")
    var company: String

    @Option(
        help: ArgumentHelp(
            "A file with the ID token; - is standard input. Never the token itself, which others could see.",
            valueName: "file"))
    var idToken: String

    @Option(help: "What the sign-in was begun with; needed when the token carries one.")
    var nonce: String?

    @Option(help: "How long the context token lives, from 1 to 30 minutes.")
    var minutes = 30

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard
            idToken.split(separator: ".", omittingEmptySubsequences: false).count != 3
                || !idToken.hasPrefix("ey")
        else {
            throw ValidationError(
                "--id-token takes a file or -, not the token itself: who lists processes would see it. "
                    + "Sign in again, and give it on standard input")
        }
    }

    func run() throws {
        let (company, nonce, minutes) = (company, nonce, minutes)
        guard let text = TextFile.read(idToken == "-" ? "/dev/stdin" : idToken) else {
            throw CommandError(
                .failed, "the ID token cannot be read", at: idToken,
                remedy: "give a file, or - for standard input")
        }
        let idToken = text.filter { !$0.isWhitespace }
        let token = try Target.find(database).withClient { client in
            try await client.exchange(idToken: idToken, for: company, nonce: nonce, minutes: minutes)
        }
        try TokenIssueCommand.write(token, as: form.format)
    }
}
