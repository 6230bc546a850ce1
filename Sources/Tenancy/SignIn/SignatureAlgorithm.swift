/// How an ID token may be signed: the algorithms of RFC 7518 and RFC 8037 with a public key that libcrypto has.
enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case edDSA = "EdDSA"

    /// Their names, for a sentence.
    static let names = "RS256 to RS512, PS256 to PS512, ES256, ES384 and EdDSA"
}
