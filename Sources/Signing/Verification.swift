internal import CLibcrypto

/// What RS256 and ES256 share: a key of libcrypto's judges a signature over SHA-256.
enum Verification {
    /// Whether the signature is the one that the key's owner gave to the message; frees the key.
    static func isValid(_ signature: [UInt8], for message: [UInt8], by key: OpaquePointer) -> Bool {
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        let isValid =
            EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        // What libcrypto had against it stays in a queue of the thread, and would be told to whoever asks next.
        ERR_clear_error()
        return isValid
    }
}
