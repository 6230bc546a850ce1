internal import CLibcrypto

/// RSA with PKCS #1 v1.5 and SHA-256 (RFC 7518, section 3.3), verified by OpenSSL's libcrypto.
package enum RS256 {
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
        _ signature: [UInt8], for message: [UInt8], modulus: [UInt8], exponent: [UInt8]
    ) -> Bool {
        guard isKey(modulus: modulus, exponent: exponent), signature.count == (bitCount(modulus) + 7) / 8,
            let key = piste_rsa_key(modulus, modulus.count, exponent, exponent.count)
        else { return false }
        return Verification.isValid(signature, for: message, by: key)
    }
}
