import Signing
import Text

/// One public key of a provider; its kind, and what it says of itself, tell which algorithms it is for.
struct JSONWebKey: Hashable, Sendable {
    enum Numbers: Hashable, Sendable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        case curve(ECDSASignature.Curve, x: [UInt8], y: [UInt8])
        case ed25519([UInt8])
    }

    let kid: String?
    let numbers: Numbers
    /// The one algorithm that the key says it is for; nil for all of its kind.
    private let named: SignatureAlgorithm?

    /// Whether a token that names this algorithm may be signed with this key.
    func allows(_ algorithm: SignatureAlgorithm) -> Bool {
        guard named == nil || named == algorithm else { return false }
        return switch (numbers, algorithm) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.rsa, .ps384), (.rsa, .ps512),
            (.curve(.p256, _, _), .es256), (.curve(.p384, _, _), .es384), (.ed25519, .edDSA):
            true
        default: false
        }
    }

    /// Whether the key's owner signed the message in this way.
    func isValid(_ signature: [UInt8], for message: [UInt8], as algorithm: SignatureAlgorithm) -> Bool {
        guard allows(algorithm) else { return false }
        switch numbers {
        case .rsa(let modulus, let exponent):
            let digest: Digest =
                switch algorithm {
                case .rs384, .ps384: .sha384
                case .rs512, .ps512: .sha512
                default: .sha256
                }
            return RSASignature.isValid(
                signature, for: message, modulus: modulus, exponent: exponent, digest: digest,
                padding: algorithm.rawValue.hasPrefix("P") ? .pss : .pkcs1)
        case .curve(let curve, let x, let y):
            return ECDSASignature.isValid(signature, for: message, x: x, y: y, on: curve)
        case .ed25519(let key): return Ed25519.isValid(signature, for: message, by: key)
        }
    }
}

extension JSONWebKey {
    /// Why a key of a set is left out, in words that follow its name.
    struct Unusable: Error {
        let why: String

        init(_ why: String) { self.why = why }
    }

    /// The key of a JSON Web Key (RFC 7517); throws why it is none that can verify an ID token.
    init(_ members: [String: StrictJSON]) throws(Unusable) {
        numbers = try Self.numbers(members)
        kid = members["kid"]?.text
        guard members["kid"] == nil || kid != nil else { throw Unusable("its kid is no text") }
        if let use = members["use"], use != .text("sig") { throw Unusable("its use is not sig") }
        if let operations = members["key_ops"], operations.texts?.contains("verify") != true {
            throw Unusable("its key_ops have no verify")
        }
        guard let algorithm = members["alg"] else {
            named = nil
            return
        }
        guard let known = algorithm.text.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw Unusable(
                "its alg is \(algorithm.text ?? "no text"), and not one of \(SignatureAlgorithm.names)")
        }
        named = known
        guard allows(known) else { throw Unusable("its alg \(known.rawValue) does not go with its kind") }
    }

    private static func numbers(_ members: [String: StrictJSON]) throws(Unusable) -> Numbers {
        switch (members["kty"]?.text, members["crv"]?.text) {
        case ("RSA", nil):
            let (modulus, exponent) = (try bytes("n", members), try bytes("e", members))
            guard RSASignature.isKey(modulus: modulus, exponent: exponent) else {
                throw Unusable(
                    "it has \(RSASignature.bitCount(modulus)) bits, and RSA needs from 2048 to 8192")
            }
            return .rsa(modulus: modulus, exponent: exponent)
        case ("EC", let name?):
            guard let curve = ECDSASignature.Curve(rawValue: name) else {
                throw Unusable("its curve is \(name), and not P-256 or P-384")
            }
            let (x, y) = (try bytes("x", members), try bytes("y", members))
            guard ECDSASignature.isKey(x: x, y: y, on: curve) else {
                throw Unusable("its x and y are no point of \(name)")
            }
            return .curve(curve, x: x, y: y)
        case ("OKP", "Ed25519"):
            let key = try bytes("x", members)
            guard key.count == Ed25519.keyBytes else { throw Unusable("its x has not 32 bytes") }
            return .ed25519(key)
        case (let kind, _):
            throw Unusable("its kty is \(kind ?? "missing"), and not RSA, EC or OKP with Ed25519")
        }
    }

    private static func bytes(
        _ name: String, _ members: [String: StrictJSON]
    ) throws(Unusable) -> [UInt8] {
        guard let text = members[name]?.text else { throw Unusable("its \(name) is missing") }
        guard let bytes = Base64URL.bytes(text) else {
            throw Unusable("its \(name) is no base64url without padding (RFC 7515)")
        }
        return bytes
    }
}
