import Signing

/// The public keys of an identity provider (RFC 7517) that can verify an ID token: RSA for RS256, P-256 for ES256.
struct JSONWebKeySet: Hashable, Sendable {
    /// How an ID token may be signed.
    enum Algorithm: String, Sendable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    /// One public key; its kind alone says which algorithm it is for.
    struct Key: Hashable, Sendable {
        enum Numbers: Hashable, Sendable {
            case rsa(modulus: [UInt8], exponent: [UInt8])
            case p256(x: [UInt8], y: [UInt8])
        }

        let kid: String?
        let numbers: Numbers

        var algorithm: Algorithm {
            switch numbers {
            case .rsa: .rs256
            case .p256: .es256
            }
        }

        /// Whether the key's owner signed the message.
        func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
            switch numbers {
            case .rsa(let modulus, let exponent):
                RS256.isValid(signature, for: message, modulus: modulus, exponent: exponent)
            case .p256(let x, let y): ES256.isValid(signature, for: message, x: x, y: y)
            }
        }
    }

    /// The longest set that is read, in bytes.
    static let longest = 1 << 18

    let keys: [Key]

    /// Reads a set, and leaves out the keys that are for something else; throws what is wrong with it.
    init(_ text: String) throws(TenancyError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { throw Self.error("it is longer than \(Self.longest) bytes") }
        guard case .array(let entries)? = StrictJSON.object(bytes)?["keys"] else {
            throw Self.error("it is no JSON object with an array of keys, each member once")
        }
        var keys: [Key] = []
        for entry in entries {
            guard case .object(let members) = entry else { throw Self.error("one of its keys is no object") }
            guard ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].allSatisfy({ members[$0] == nil }) else {
                throw Self.error("it holds a private key, and only public ones belong there")
            }
            if let key = Key(members) { keys.append(key) }
        }
        guard !keys.isEmpty else {
            throw Self.error("it has no RSA key of 2048 bits or more and none on the curve P-256")
        }
        self.keys = keys
    }

    /// The key that a token names: the one of exactly this name, or the only one for a token that names none
    /// (OpenID Connect Core, section 10.1).
    ///
    /// Nil when there is none, and when there are several.
    func key(named kid: String?) -> Key? {
        let candidates = keys.filter { key in
            switch (key.kid, kid) {
            case (let name?, let wanted?): name.utf8.elementsEqual(wanted.utf8)
            case (_, nil): keys.count == 1
            default: false
            }
        }
        return candidates.count == 1 ? candidates[0] : nil
    }

    private static func error(_ what: String) -> TenancyError {
        TenancyError(.failed, "The set of keys cannot be used: \(what).")
    }
}

extension JSONWebKeySet.Key {
    /// The key of a JSON Web Key; nil for one of another kind, for another use, too short, or malformed.
    init?(_ members: [String: StrictJSON]) {
        switch (members["kty"]?.text, members["crv"]?.text) {
        case ("RSA", nil):
            guard let modulus = Self.bytes(members["n"]), let exponent = Self.bytes(members["e"]),
                RS256.isKey(modulus: modulus, exponent: exponent)
            else { return nil }
            numbers = .rsa(modulus: modulus, exponent: exponent)
        case ("EC", "P-256"):
            guard let x = Self.bytes(members["x"]), let y = Self.bytes(members["y"]), ES256.isKey(x: x, y: y)
            else { return nil }
            numbers = .p256(x: x, y: y)
        default: return nil
        }
        kid = members["kid"]?.text
        if members["kid"] != nil, kid == nil { return nil }
        if let algorithm = members["alg"], algorithm != .text(self.algorithm.rawValue) { return nil }
        if let use = members["use"], use != .text("sig") { return nil }
        if let operations = members["key_ops"], operations.texts?.contains("verify") != true { return nil }
    }

    private static func bytes(_ value: StrictJSON?) -> [UInt8]? {
        value?.text.flatMap { Base64URL.bytes($0) }
    }
}
