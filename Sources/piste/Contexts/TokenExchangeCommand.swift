import ArgumentParser
import Tenancy

/// `piste token exchange`: a company's own user, signed in at the company's provider, gets a context token.
struct TokenExchangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Exchange an ID token of the company's own provider for a token of that user (service).",
        discussion: """
            The ID token is verified with the provider's keys: signature, issuer, audience, kind, required claims, dates, \
            nonce, user. The user must exist in the company and be active; each ID token is exchanged once.

            Examples:
              piste token exchange acme --id-token - --nonce "$NONCE" < id_token
              printf %s "$ID_TOKEN" | piste token exchange acme --id-token - --minutes 5 --format json
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: ArgumentHelp("The ID token: - reads it from standard input.", valueName: "-"))
    var idToken: String

    @Option(
        help: ArgumentHelp("The nonce that the sign-in was begun with, if there was one.", valueName: "n"))
    var nonce: String?

    @Option(help: "How long the context lives, from 1 to 30 minutes; never longer than the ID token.")
    var minutes = 30

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard idToken == "-" else {
            throw ValidationError(
                "--id-token is -, which reads the token from input; here every user of the machine could see it"
            )
        }
        try ValidationError.check("--minutes", minutes, in: 1...30)
    }

    func run() throws {
        let text = (readLine() ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !text.isEmpty else {
            throw CommandError(
                .usage, "there is no ID token on standard input",
                remedy: "printf %s \"$ID_TOKEN\" | piste token …")
        }
        let (company, nonce, minutes) = (company, nonce, minutes)
        let token = try Target.find(database).withClient { client in
            try await client.exchange(idToken: text, nonce: nonce, company: company, minutes: minutes)
        }
        try TokenIssueCommand.write(token, as: form.format)
    }
}
