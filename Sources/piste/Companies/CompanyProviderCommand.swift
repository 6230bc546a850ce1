import ArgumentParser
import Tenancy

/// `piste company provider`: where a company's own people sign in.
struct CompanyProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Say where a company's own people sign in (admin); without an option, tell it.",
        discussion: """
            The identity provider (OpenID Connect) whose ID tokens piste token exchange accepts for this company, and for no \
            other. Contexts that began with a sign-in at the old provider end at once.
            """,
    )

    @Argument(help: "The company's url id.")
    var company: String

    @Option(help: ArgumentHelp("The issuer, exactly as ID tokens name it.", valueName: "url"))
    var issuer: String?

    @Option(
        help: ArgumentHelp("The client's id at the provider; each company has its own.", valueName: "text"))
    var audience: String?

    @Option(
        help: ArgumentHelp(
            "The provider's public keys: an https address, or a file with the key set.", valueName: "url|file"
        ))
    var jwks: String?

    @Flag(help: "Take the provider away.")
    var remove = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        let given = [issuer, audience, jwks].compactMap { $0 }.count
        guard !remove || given == 0 else {
            throw ValidationError(
                "--remove takes the provider away; leave out --issuer, --audience and --jwks")
        }
        guard given == 0 || given == 3 else {
            throw ValidationError("--issuer, --audience and --jwks belong together")
        }
    }

    func run() throws {
        let urlID = company
        var provider: IdentityProvider?
        if let issuer, let audience, let jwks {
            provider = IdentityProvider(issuer: issuer, audience: audience, keys: try Self.keys(jwks))
        }
        let (wish, changes) = (provider, remove || provider != nil)
        let target = try changes ? Target.findForChange(database) : Target.find(database)
        let (now, ended) = try target.withClient { client in
            let ended = changes ? try await client.setIdentityProvider(wish, for: urlID) : 0
            return (try await client.identityProvider(of: urlID), ended)
        }
        if ended > 0 { Narration.say(ended == 1 ? "1 context has ended." : "\(ended) contexts have ended.") }
        guard let now else {
            guard !changes else { return Narration.say("\(urlID) has no identity provider any more.") }
            throw CommandError(
                .failed, "\(urlID) has no identity provider",
                remedy: "piste company provider \(urlID) --issuer URL --audience ID --jwks URL")
        }
        try Listing.write(one: now, as: form.format, Self.columns)
    }

    /// An address, or the key set that a file holds.
    private static func keys(_ text: String) throws -> IdentityProvider.Keys {
        guard !text.hasPrefix("https://"), !text.hasPrefix("http://") else { return .url(text) }
        guard let set = TextFile.read(text) else {
            throw CommandError(
                .failed, "the key set cannot be read as text", at: text,
                remedy: "give a file with the provider's key set (RFC 7517), or its https address")
        }
        return .set(set)
    }

    private static let columns: [Column<IdentityProvider>] = [
        Column("issuer") { .text($0.issuer) },
        Column("audience") { .text($0.audience) },
        Column("jwks") {
            switch $0.keys {
            case .url(let address): .text(address)
            case .set: .text("a key set")
            }
        },
        Column("set_at") { Value($0.setAt) },
    ]
}
