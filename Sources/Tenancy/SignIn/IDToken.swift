import Signing
import Text

/// An ID token in its compact form (RFC 7515), taken apart and not yet believed.
struct IDToken: Sendable {
    /// The longest that is read, in bytes.
    static let longest = 1 << 14

    let kid: String?
    /// What the header says; compared with the key's, never obeyed.
    let algorithm: SignatureAlgorithm
    let claims: [String: StrictJSON]
    /// What is signed: header and claims as they were sent.
    let signedPart: [UInt8]
    let signature: [UInt8]

    /// Takes a token apart; throws when it is none, or signed in a way that no key of a provider is for.
    init(_ text: String) throws(IDTokenRefusal) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longest, parts.count == 3,
            let header = Base64URL.bytes(parts[0]).flatMap(StrictJSON.object)
        else { throw IDTokenRefusal(.malformed, "this is not an ID token") }
        // Said first, and of any token that has a header: one without a signature has an empty third part.
        guard let algorithm = header["alg"]?.text.flatMap(SignatureAlgorithm.init(rawValue:)) else {
            throw IDTokenRefusal(.algorithm, "an ID token is signed with \(SignatureAlgorithm.names)")
        }
        guard let claims = Base64URL.bytes(parts[1]).flatMap(StrictJSON.object),
            let signature = Base64URL.bytes(parts[2]), !signature.isEmpty
        else { throw IDTokenRefusal(.malformed, "this is not an ID token") }
        guard ["crit", "b64", "zip", "enc"].allSatisfy({ header[$0] == nil }) else {
            throw IDTokenRefusal(.malformed, "this token's header asks for what is not understood")
        }
        guard header["typ"].map({ $0.text?.lowercased() == "jwt" }) ?? true else {
            throw IDTokenRefusal(.malformed, "this is another kind of token than an ID token")
        }
        kid = header["kid"]?.text
        guard header["kid"] == nil || kid != nil else {
            throw IDTokenRefusal(.malformed, "the name of this token's key is no text")
        }
        self.algorithm = algorithm
        self.claims = claims
        self.signature = signature
        signedPart = Array("\(parts[0]).\(parts[1])".utf8)
    }

    /// The same token with other claims, whose signature cannot fit.
    init(claims: [String: StrictJSON], like token: IDToken) {
        (kid, algorithm, signedPart, signature) = (
            token.kid, token.algorithm, token.signedPart, token.signature
        )
        self.claims = claims
    }

    /// The SHA-256 of the part that is signed, in hex: the same whatever was done to the signature's spelling.
    static func digest(of text: String) -> String {
        let end = text.utf8.lastIndex(of: UInt8(ascii: ".")) ?? text.utf8.endIndex
        return Hexadecimal.text(SHA256.hash(Array(text.utf8[..<end])))
    }
}
