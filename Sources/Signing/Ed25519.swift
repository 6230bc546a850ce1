internal import CLibcrypto

/// Ed25519 (RFC 8032) by OpenSSL's libcrypto.
package enum Ed25519 {
    /// The bytes of a private key's seed, and of a public key.
    package static let keyBytes = 32
    /// The bytes of a signature.
    package static let signatureBytes = 64

    /// A seed from the operating system's source of randomness.
    package static func newSeed() -> [UInt8] {
        var source = SystemRandomNumberGenerator()
        return (0..<keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    }

    /// The public key that belongs to a seed.
    package static func publicKey(of seed: [UInt8]) throws(SigningError) -> [UInt8] {
        let key = try privateKey(seed)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: keyBytes)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, count == keyBytes else {
            throw SigningError("libcrypto gives no public key")
        }
        return bytes
    }

    /// The signature of a message, the same each time.
    package static func sign(_ message: [UInt8], with seed: [UInt8]) throws(SigningError) -> [UInt8] {
        let key = try privateKey(seed)
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { throw SigningError("libcrypto is out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: signatureBytes)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signatureBytes
        else { throw SigningError("libcrypto cannot sign with Ed25519") }
        return signature
    }

    /// Whether the signature is the one that the key's owner gave to the message; false for malformed ones.
    package static func isValid(_ signature: [UInt8], for message: [UInt8], by publicKey: [UInt8]) -> Bool {
        guard publicKey.count == keyBytes, signature.count == signatureBytes,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, publicKey, keyBytes)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func privateKey(_ seed: [UInt8]) throws(SigningError) -> OpaquePointer {
        guard seed.count == keyBytes,
            let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, keyBytes)
        else { throw SigningError("libcrypto does not take this Ed25519 key") }
        return key
    }
}
