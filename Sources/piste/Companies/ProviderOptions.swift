public import ArgumentParser
public import Tenancy

/// What an admin says of a company's identity provider.
struct ProviderOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The issuer, as its tokens name it.", valueName: "url"))
    var issuer: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A client id that this application has there; can be given again.", valueName: "id"))
    var audience: [String] = []

    @Option(
        help: ArgumentHelp(
            "Its public keys: a file with a key set, or the set's address; otherwise the issuer is asked.",
            valueName: "file|url"), completion: .file())
    var jwks: String?

    @Option(
        name: [.customLong("user-claim"), .customLong("email-claim")],
        help: ArgumentHelp(
            "What names the user: email, preferred_username, upn, unique_name, sub or oid.",
            valueName: "claim"))
    var userClaim: UserClaim?

    @Flag(help: "This issuer's addresses count as verified, whatever its tokens say of them.")
    var trustEmail = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A claim that tokens must have (hd, org_id, tid, a group); can be given again.",
            valueName: "name=value"))
    var claim: [String] = []

    @Flag(help: "Take only ID tokens with the nonce that the sign-in was begun with.")
    var requireNonce = false

    @Flag(help: "Set it as it is typed, without asking the provider.")
    var unchecked = false

    var isGiven: Bool {
        issuer != nil || !audience.isEmpty || jwks != nil || userClaim != nil || trustEmail || !claim.isEmpty
            || requireNonce || unchecked
    }

    /// Whether they fit together; the command asks once it knows that they are what it was given.
    func check() throws {
        guard isGiven else { return }
        guard issuer != nil, !audience.isEmpty else {
            throw ValidationError(
                "--issuer and --audience are given together, and with them what belongs to them")
        }
        guard jwks != nil || !unchecked else {
            throw ValidationError(
                "without --jwks the provider is asked where its keys are: --unchecked needs it")
        }
        if let wrong = claim.first(where: { ($0.firstIndex(of: "=") ?? $0.startIndex) == $0.startIndex }) {
            throw ValidationError("--claim is NAME=VALUE, and not \(wrong)")
        }
    }

    /// The keys as they are typed; nil when the provider is to be asked for them.
    func keys() throws -> IdentityProvider.Keys? {
        guard let jwks else { return nil }
        let scheme = jwks.prefix { $0 != ":" }.lowercased()
        if ["http", "https"].contains(scheme), jwks.contains("://") {
            return .address(scheme + jwks.dropFirst(scheme.count))
        }
        guard let text = TextFile.read(jwks) else {
            throw CommandError(
                .usage, "there is no key set that can be read", at: jwks,
                remedy: "name a file with {\"keys\": […]}, or an https address")
        }
        return .set(text)
    }

    /// What is to be set, after the provider was asked.
    func checked(
        _ typed: IdentityProvider.Keys?
    ) async throws(TenancyError) -> (SignInRules, IdentityProvider.Keys) {
        let claims = Dictionary(
            claim.map { text in
                let mark = text.firstIndex(of: "=") ?? text.endIndex
                return (String(text[..<mark]), String(text[mark...].dropFirst()))
            }
        ) { $1 }
        var rules = SignInRules(
            issuer: issuer ?? "", audiences: audience, userClaim: userClaim ?? .email,
            trustsAddresses: trustEmail, requiredClaims: claims, requiresNonce: requireNonce)
        guard ProviderDiscovery.isIssuer(rules.issuer) else {
            throw TenancyError(
                .invalid, "an issuer is an https address without ? and # (http on this machine only)")
        }
        guard let typed else {
            let found = try await ProviderDiscovery(issuer: rules.issuer, claims: claims)
            rules.issuer = found.issuer
            return (rules, .address(found.keysAddress))
        }
        rules.issuer = try ProviderDiscovery.concrete(rules.issuer, claims: claims)
        if case .address(let address) = typed, !unchecked {
            try await ProviderDiscovery.checkKeys(at: address)
        }
        return (rules, typed)
    }
}

extension UserClaim: ExpressibleByArgument {}
