import FoundationEssentials
import Signing

/// The public keys of an identity provider (RFC 7517) that ID tokens may be signed with.
///
/// What a key is for is read from the key. Keys of other kinds and uses are left out, as the RFC asks of who does not
/// understand them.
struct KeySet: Sendable {
    private struct Document: Decodable {
        struct Key: Decodable {
            var kty: String
            var kid, use, alg, crv, n, e, x, y: String?
            var keyOps: [String]?

            enum CodingKeys: String, CodingKey {
                case kty, kid, use, alg, crv, n, e, x, y
                case keyOps = "key_ops"
            }
        }

        var keys: [Key]
    }

    private let keys: [(id: String?, key: PublicKey)]

    /// Reads a key set; throws `invalid` for what is none, or has no key that could be used.
    init(_ json: [UInt8]) throws(TenancyError) {
        guard json.count <= 65_536, let document = try? JSONDecoder().decode(Document.self, from: Data(json))
        else {
            throw TenancyError(
                .invalid, #"This is no key set: a JSON object with an array "keys", of at most 64 kB."#)
        }
        keys = document.keys.prefix(50).compactMap { key in Self.usable(key).map { (key.kid, $0) } }
        guard !keys.isEmpty else {
            throw TenancyError(
                .invalid, "This key set has no key for RS256 (RSA, 2048 bits or more) or ES256 (P-256).")
        }
    }

    /// The key that a token names; nil when there is none, or when it is not clear which.
    ///
    /// A token without `kid` fits only where there is one key.
    func key(named id: String?) -> PublicKey? {
        guard let id else { return keys.count == 1 ? keys[0].key : nil }
        let found = keys.filter { $0.id == id }
        return found.count == 1 ? found[0].key : nil
    }

    private static func usable(_ key: Document.Key) -> PublicKey? {
        guard key.use == nil || key.use == "sig", key.keyOps?.contains("verify") != false else { return nil }
        func part(_ text: String?) -> [UInt8] { text.flatMap { Base64URL.bytes($0) } ?? [] }
        switch (key.kty, key.crv, key.alg) {
        case ("RSA", _, nil), ("RSA", _, "RS256"):
            return try? PublicKey.rsa(modulus: part(key.n), exponent: part(key.e))
        case ("EC", "P-256", nil), ("EC", "P-256", "ES256"):
            return try? PublicKey.p256(x: part(key.x), y: part(key.y))
        default: return nil
        }
    }
}
