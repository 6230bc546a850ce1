import ArgumentParser
import FoundationEssentials
import Tenancy

/// `piste company provider`: where a company's own people sign in.
struct CompanyProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Say where a company's own people sign in (admin); without an option, tell what holds.",
        discussion: """
            The provider speaks OpenID Connect. Its addresses are https, or http on this machine. No two companies share \
            issuer and audience. Whoever signed in with what was set before is thrown out.
            """,
    )

    @Argument(help: "The company's url id.")
    var company: String

    @Option(help: ArgumentHelp("The issuer, as its tokens name it.", valueName: "url"))
    var issuer: String?

    @Option(help: ArgumentHelp("The client id that this application has there.", valueName: "id"))
    var audience: String?

    @Option(
        help: ArgumentHelp(
            "Its public keys: a file with a key set, or the set's address.", valueName: "file|url"))
    var jwks: String?

    @Flag(help: "Take the provider away.")
    var remove = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        let given = [issuer, audience, jwks].compactMap { $0 }.count
        guard !remove || given == 0 else {
            throw ValidationError("--remove takes the provider away; --issuer, --audience and --jwks set one")
        }
        guard given == 0 || given == 3 else {
            throw ValidationError("--issuer, --audience and --jwks are given together")
        }
    }

    func run() throws {
        let (urlID, isRemoved) = (company, remove)
        guard let issuer, let audience, let jwks else {
            guard !isRemoved else {
                let ended = try Target.findForChange(database).withClient { client in
                    try await client.removeIdentityProvider(of: urlID)
                }
                Self.tell(ended)
                return
            }
            return try show(Target.find(database).withClient { try await $0.identityProvider(of: urlID) })
        }
        let keys = try Self.keys(jwks)
        let (provider, ended) = try Target.findForChange(database).withClient { client in
            let ended = try await client.setIdentityProvider(
                of: urlID, issuer: issuer, audience: audience, keys: keys)
            return (try await client.identityProvider(of: urlID), ended)
        }
        Self.tell(ended)
        try show(provider)
    }

    private func show(_ provider: IdentityProvider?) throws {
        guard let provider else {
            throw CommandError(
                .failed, "this company has no identity provider", at: company,
                remedy: Refusal.remedy("provider_missing"))
        }
        let form = form
        try Listing.write(
            one: provider, as: form.format,
            [
                Column("issuer") { .text($0.issuer) },
                Column("audience") { .text($0.audience) },
                Column("jwks_uri") { Value($0.address) },
                Column("jwks") {
                    form.format.isForPeople ? Value($0.keyNames) : $0.set.map(Value.json) ?? .none
                },
                Column("set_at") { .moment($0.setAt) },
                Column("set_by") { .text($0.setBy) },
            ])
    }

    private static func tell(_ ended: Int) {
        guard ended > 0 else { return }
        Narration.say(
            ended == 1
                ? "1 context of a user who had signed in has ended."
                : "\(ended) contexts of users who had signed in have ended.")
    }

    private static func keys(_ place: String) throws -> IdentityProvider.Keys {
        guard !place.hasPrefix("https://"), !place.hasPrefix("http://") else { return .address(place) }
        guard let text = TextFile.read(place) else {
            throw CommandError(
                .usage, "there is no key set that can be read", at: place,
                remedy: "name a file with {\"keys\": […]}, or an https address")
        }
        return .set(text)
    }
}

extension IdentityProvider {
    fileprivate var address: String? { if case .address(let address) = keys { address } else { nil } }
    fileprivate var set: String? { if case .set(let set) = keys { set } else { nil } }

    /// The names of the keys in the set, which itself is nothing to read.
    fileprivate var keyNames: String? {
        struct Keys: Decodable {
            struct Key: Decodable { var kid: String? }
            var keys: [Key]
        }
        guard let set, let keys = try? JSONDecoder().decode(Keys.self, from: Data(set.utf8)).keys else {
            return nil
        }
        return "\(keys.count) in the database: "
            + keys.map { $0.kid ?? "without a name" }.joined(separator: ", ")
    }
}
