import Text

/// What a provider says of itself at `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0), held against what an
/// admin wants to set.
package struct ProviderDiscovery: Hashable, Sendable {
    /// The issuer as its tokens name it.
    package let issuer: String
    /// Where its keys are.
    package let keysAddress: String

    /// The mark that an issuer for many tenants has in place of one.
    private static let tenant = "{tenantid}"

    /// Tells whether tokens can name it, and nobody on the way can answer for it.
    package static func isIssuer(_ text: String) -> Bool {
        KeySetDownload.isSafe(text) && !text.contains("?") && !text.contains("#")
    }

    /// Reads the document of an issuer and its keys; throws what speaks against either.
    ///
    /// - Parameter claims: the required claims, of which `tid` completes the issuer of a provider with many tenants.
    package init(issuer asked: String, claims: [String: String]) async throws(TenancyError) {
        try await self.init(issuer: asked, claims: claims, download: KeySetDownload.text)
    }

    init(
        issuer asked: String, claims: [String: String], download: KeySetCache.Download
    ) async throws(TenancyError) {
        let base = asked.hasSuffix("/") ? String(asked.dropLast()) : asked
        let place = base + "/.well-known/openid-configuration"
        let bytes = Array(try await download(place).utf8)
        guard let document = StrictJSON.object(bytes) else {
            throw Self.error("the document at \(place) cannot be used: \(StrictJSON.problem(bytes))")
        }
        guard let named = document["issuer"]?.text, let keys = document["jwks_uri"]?.text else {
            throw Self.error("the document at \(place) names no issuer or no jwks_uri")
        }
        issuer = try Self.concrete(named, claims: claims)
        guard issuer == asked || named.contains(Self.tenant) else {
            throw Self.error("the provider calls itself \(named), and not \(asked): set that issuer")
        }
        if let algorithms = document["id_token_signing_alg_values_supported"]?.texts {
            guard algorithms.contains(where: { SignatureAlgorithm(rawValue: $0) != nil }) else {
                throw Self.error(
                    "it signs with \(algorithms.joined(separator: ", ")), and not with one of "
                        + SignatureAlgorithm.names)
            }
        }
        keysAddress = keys
        try await Self.checkKeys(at: keys, download)
    }

    /// Reads the keys at an address once, so that a wrong one shows now and not at the first sign-in.
    package static func checkKeys(at address: String) async throws(TenancyError) {
        try await checkKeys(at: address, KeySetDownload.text)
    }

    private static func checkKeys(
        at address: String, _ download: KeySetCache.Download
    ) async throws(TenancyError) {
        let text = try await download(address)
        do throws(TenancyError) {
            _ = try JSONWebKeySet(text)
        } catch {
            throw TenancyError(error.code, "\(error.message) It is that of \(address).")
        }
    }

    /// The issuer of one tenant, where the provider has many.
    package static func concrete(_ issuer: String, claims: [String: String]) throws(TenancyError) -> String {
        guard issuer.contains(tenant) else { return issuer }
        guard let id = claims["tid"] else {
            throw TenancyError(
                .invalid,
                "This issuer serves many tenants, and tokens name one: say which with --claim tid=ID.")
        }
        return issuer.replacing(tenant, with: id)
    }

    private static func error(_ what: String) -> TenancyError {
        TenancyError(.failed, "The provider cannot be set: \(what).")
    }
}
