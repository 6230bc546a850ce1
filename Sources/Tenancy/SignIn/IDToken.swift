import FoundationEssentials
import Signing

/// An ID token of OpenID Connect Core 1.0, section 2, that was verified by section 3.1.3.7.
struct IDToken: Sendable {
    /// The longest token that is looked at, in bytes.
    static let limit = 16_384
    /// How far two clocks may differ, in seconds.
    static let leeway = 60.0
    /// The end of the year 9999, in seconds since the epoch.
    private static let lastMoment = 253_402_300_800.0

    /// The user's verified email address.
    let email: String
    /// When the token ends.
    let endsAt: Date

    private struct Header: Decodable {
        var alg: String
        var kid: String?
    }

    private struct Claims: Decodable {
        var iss: String
        var aud: Audience
        var azp: String?
        var exp, iat: Double
        var nbf: Double?
        var nonce, email: String?
        var isEmailVerified: Bool?

        enum CodingKeys: String, CodingKey {
            case iss, aud, azp, exp, iat, nbf, nonce, email
            case isEmailVerified = "email_verified"
        }
    }

    /// One audience, or several.
    private struct Audience: Decodable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            names = try (try? value.decode(String.self)).map { [$0] } ?? value.decode([String].self)
        }
    }

    /// The name of the key that a token says it was signed with; nil when it names none.
    static func keyID(of token: String) throws(IDTokenFault) -> String? { try header(parts(token)).kid }

    /// Verifies a token.
    ///
    /// The algorithm is that of the key; the header's is compared with it, and never obeyed. Keys and addresses of keys in the
    /// header are not looked at. A nonce is needed exactly when the token carries one.
    ///
    /// - Parameters:
    ///   - now: the server's clock.
    init(
        verifying token: String, of provider: IdentityProvider, with keys: KeySet, nonce: String?, now: Date
    ) throws(IDTokenFault) {
        let parts = try Self.parts(token)
        let header = try Self.header(parts)
        guard let key = keys.key(named: header.kid) else { throw .unknownKey }
        guard header.alg == key.algorithm.rawValue else { throw .algorithm }
        guard let signature = Base64URL.bytes(parts[2]) else { throw .malformed }
        guard key.isValid(signature, for: Array("\(parts[0]).\(parts[1])".utf8)) else { throw .tampered }
        guard let bytes = Base64URL.bytes(parts[1]),
            let claims = try? JSONDecoder().decode(Claims.self, from: Data(bytes))
        else { throw .malformed }
        guard claims.iss == provider.issuer else { throw .issuer }
        guard claims.aud.names.contains(provider.audience),
            claims.aud.names.count == 1 || claims.azp != nil,
            claims.azp ?? provider.audience == provider.audience
        else { throw .audience }
        let moment = now.timeIntervalSince1970
        guard claims.exp < Self.lastMoment else { throw .malformed }
        guard claims.exp > moment - Self.leeway else { throw .expired }
        guard claims.iat < moment + Self.leeway, claims.nbf ?? 0 < moment + Self.leeway else { throw .early }
        guard claims.nonce == nonce else { throw .nonce }
        guard claims.isEmailVerified == true, let email = claims.email, !email.isEmpty else { throw .email }
        self.email = email
        endsAt = Date(timeIntervalSince1970: claims.exp)
    }

    private static func parts(_ token: String) throws(IDTokenFault) -> [Substring] {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= limit, parts.count == 3 else { throw .malformed }
        return parts
    }

    /// The header; one that asks for more than is understood here (`crit`) is no header.
    private static func header(_ parts: [Substring]) throws(IDTokenFault) -> Header {
        struct Critical: Decodable { var crit: [String]? }
        guard let bytes = Base64URL.bytes(parts[0]),
            let header = try? JSONDecoder().decode(Header.self, from: Data(bytes)),
            let critical = try? JSONDecoder().decode(Critical.self, from: Data(bytes)), critical.crit == nil
        else { throw .malformed }
        return header
    }
}
