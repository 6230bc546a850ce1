import ArgumentParser
import FoundationEssentials
import Listing
import Tenancy

/// `piste company provider`: where a company's own people sign in.
struct CompanyProviderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider",
        abstract: "Say where a company's own people sign in (admin); without an option, tell what holds.",
        discussion: """
            The provider speaks OpenID Connect. Its addresses are https, or http on this machine. Without --jwks it is asked \
            where its keys are; both are read when they are set. Companies that share issuer and audience differ in a \
            --claim. Whoever signed in with what was set before is thrown out.

            Examples:
              piste company provider acme --issuer https://accounts.google.com --audience CLIENT --claim hd=acme.example
              piste company provider acme --issuer https://login.microsoftonline.com/TENANT/v2.0 --audience CLIENT \
            --user-claim preferred_username --trust-email
              piste company provider acme --link 00u1abcd=ada@acme.example
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup var rules: ProviderOptions

    @Option(
        help: ArgumentHelp(
            "A user of the company, and what the provider calls them in sub or oid.", valueName: "sub=email"))
    var link: String?

    @Option(help: ArgumentHelp("Take such a link away.", valueName: "sub"))
    var unlink: String?

    @Flag(help: "Take the provider away.")
    var remove = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        let ways = [remove, link != nil, unlink != nil, rules.isGiven].filter { $0 }.count
        guard !remove || ways == 1 else {
            throw ValidationError("--remove takes the provider away; --issuer and what belongs to it set one")
        }
        guard ways <= 1 else { throw ValidationError("--link and --unlink stand alone") }
        if let link, link.lastIndex(of: "=") == nil { throw ValidationError("--link is SUB=EMAIL") }
        try rules.check()
    }

    func run() throws {
        let urlID = company
        if remove {
            Self.tell(
                try Target.findForChange(database).withClient {
                    try await $0.removeIdentityProvider(of: urlID)
                })
        } else if let change {
            try Target.findForChange(database).withClient { client in
                try await client.linkUser(of: urlID, subject: change.subject, email: change.email)
            }
        } else if rules.isGiven {
            let rules = rules
            let keys = try rules.keys()
            let (provider, ended) = try Target.findForChange(database).withClient { client in
                let (wanted, keys) = try await rules.checked(keys)
                let ended = try await client.setIdentityProvider(of: urlID, wanted, keys: keys)
                return (try await client.identityProvider(of: urlID), ended)
            }
            Self.tell(ended)
            try show(provider)
        } else {
            try show(Target.find(database).withClient { try await $0.identityProvider(of: urlID) })
        }
    }

    /// The link that is to be made or, without an address, taken away.
    private var change: (subject: String, email: String?)? {
        if let unlink { return (unlink, nil) }
        // An address holds no equals sign that matters here: the last one parts the two.
        guard let link, let mark = link.lastIndex(of: "=") else { return nil }
        return (String(link[..<mark]), String(link[link.index(after: mark)...]))
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
                Column("audience") { .text($0.rules.audiences.joined(separator: " ")) },
                Column("jwks_uri") { Value($0.address) },
                Column("jwks") {
                    form.format.isForPeople ? Value($0.keyNames) : $0.set.map(Value.json) ?? .none
                },
                Column("user_claim") { .text($0.rules.userClaim.rawValue) },
                Column("trust_email") { .truth($0.rules.trustsAddresses) },
                Column("claims") { Value($0.claims) },
                Column("require_nonce") { .truth($0.rules.requiresNonce) },
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
}

extension IdentityProvider {
    fileprivate var address: String? { if case .address(let address) = keys { address } else { nil } }
    fileprivate var set: String? { if case .set(let set) = keys { set } else { nil } }
    fileprivate var claims: String? {
        let all = rules.requiredClaims.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return all.isEmpty ? nil : all.joined(separator: " ")
    }

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
