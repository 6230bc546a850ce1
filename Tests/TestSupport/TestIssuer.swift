internal import CLibcrypto

/// An identity provider of the tests' own: a key, its public half as a key set, and whatever tokens a test wants.
///
/// It is for what no honest provider would sign.
package final class TestIssuer: Sendable {
    package enum Kind: Sendable { case rsa(bits: Int), p256 }

    package struct Failure: Error {
        package let what: String
    }

    package let keyID: String
    package let kind: Kind
    private nonisolated(unsafe) let key: OpaquePointer

    /// Makes a key.
    package init(_ kind: Kind = .rsa(bits: 2048), keyID: String) throws {
        self.kind = kind
        self.keyID = keyID
        let name = if case .p256 = kind { "EC" } else { "RSA" }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw Failure(what: name) }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1 else { throw Failure(what: "keygen") }
        switch kind {
        case .rsa(let bits): _ = EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits))
        case .p256: _ = EVP_PKEY_CTX_set_group_name(context, "prime256v1")
        }
        guard EVP_PKEY_generate(context, &key) == 1, let key else { throw Failure(what: "key") }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The header's algorithm of an honest token.
    package var algorithm: String { if case .p256 = kind { "ES256" } else { "RS256" } }

    /// The public key as a JSON Web Key.
    package var webKey: String {
        switch kind {
        case .rsa:
            """
            {"kty":"RSA","use":"sig","alg":"RS256","kid":"\(keyID)","n":"\(part("n"))","e":"\(part("e"))"}
            """
        case .p256:
            """
            {"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"\(keyID)","x":"\(part("qx", 32))","y":"\(part("qy", 32))"}
            """
        }
    }

    /// The key set that has this key.
    package var keySet: String { "{\"keys\":[\(webKey)]}" }

    /// The public modulus, as somebody would use it for a secret.
    package var modulus: [UInt8] { number("n", 0) }

    /// Signs any claims under any header; without one, the honest one.
    package func token(_ claims: String, header: String? = nil) throws -> String {
        let header = header ?? "{\"alg\":\"\(algorithm)\",\"kid\":\"\(keyID)\",\"typ\":\"JWT\"}"
        let message = "\(Self.base64url(Array(header.utf8))).\(Self.base64url(Array(claims.utf8)))"
        return "\(message).\(Self.base64url(try signature(of: Array(message.utf8))))"
    }

    /// Base64url without padding.
    package static func base64url(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0...group.count { text.append(alphabet[bits >> (18 - 6 * index) & 63]) }
        }
        return text
    }

    private func signature(of message: [UInt8]) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw Failure(what: "memory") }
        defer { EVP_MD_CTX_free(context) }
        var bytes = [UInt8](repeating: 0, count: 1100)
        var count = bytes.count
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
            EVP_DigestSign(context, &bytes, &count, message, message.count) == 1
        else { throw Failure(what: "signature") }
        guard case .p256 = kind else { return Array(bytes[..<count]) }
        let pair = bytes.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            return d2i_ECDSA_SIG(nil, &place, count)
        }
        defer { ECDSA_SIG_free(pair) }
        return Self.bytes(ECDSA_SIG_get0_r(pair), 32) + Self.bytes(ECDSA_SIG_get0_s(pair), 32)
    }

    private func part(_ name: String, _ width: Int = 0) -> String { Self.base64url(number(name, width)) }

    private func number(_ name: String, _ width: Int) -> [UInt8] {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &value) == 1 else { return [] }
        defer { BN_free(value) }
        return Self.bytes(value, max(width, Int(BN_num_bits(value) + 7) / 8))
    }

    private static func bytes(_ number: OpaquePointer?, _ width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: width)
        BN_bn2binpad(number, &bytes, Int32(width))
        return bytes
    }
}
