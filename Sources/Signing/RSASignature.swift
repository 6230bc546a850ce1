internal import CLibcrypto

/// RSA with PKCS #1 v1.5 or PSS (RFC 7518, sections 3.3 and 3.5), verified by OpenSSL's libcrypto.
package enum RSASignature {
    /// How a digest becomes as long as the modulus.
    package enum Padding: Sendable {
        case pkcs1, pss
    }

    /// The sizes of a modulus that are accepted, in bits: what is smaller is weak, what is larger only slow.
    package static let bits = 2048...8192

    /// How many bits a big-endian number has.
    package static func bitCount(_ number: [UInt8]) -> Int {
        guard let first = number.firstIndex(where: { $0 != 0 }) else { return 0 }
        return 8 * (number.count - first) - number[first].leadingZeroBitCount
    }

    /// Whether the numbers can be a key's: a modulus of an accepted size, and an odd exponent from 3 that is short.
    package static func isKey(modulus: [UInt8], exponent: [UInt8]) -> Bool {
        guard let low = modulus.last, let last = exponent.last else { return false }
        return bits.contains(bitCount(modulus)) && low & 1 == 1 && last & 1 == 1
            && (2...64).contains(bitCount(exponent))
    }

    /// Whether the signature is the one that the key's owner gave to the message; false for malformed ones.
    package static func isValid(
        _ signature: [UInt8], for message: [UInt8], modulus: [UInt8], exponent: [UInt8],
        digest: Digest = .sha256, padding: Padding = .pkcs1
    ) -> Bool {
        guard isKey(modulus: modulus, exponent: exponent), signature.count == (bitCount(modulus) + 7) / 8,
            let key = piste_rsa_key(modulus, modulus.count, exponent, exponent.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        return piste_is_valid(
            key, digest.algorithm, padding == .pss ? 1 : 0, signature, signature.count, message, message.count
        )
            == 1
    }
}
