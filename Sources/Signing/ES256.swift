internal import CLibcrypto

/// ECDSA on the curve P-256 with SHA-256 (RFC 7518, section 3.4), verified by OpenSSL's libcrypto.
package enum ES256 {
    /// The bytes of a coordinate of the public key.
    package static let coordinateBytes = 32
    /// The bytes of a signature: r and s, one after the other.
    package static let signatureBytes = 64

    /// Whether the coordinates are those of a point of the curve.
    package static func isKey(x: [UInt8], y: [UInt8]) -> Bool {
        guard let key = key(x, y) else { return false }
        EVP_PKEY_free(key)
        return true
    }

    /// Whether the signature is the one that the key's owner gave to the message; false for malformed ones.
    package static func isValid(
        _ signature: [UInt8], for message: [UInt8], x: [UInt8], y: [UInt8]
    ) -> Bool {
        var der = [UInt8](repeating: 0, count: 80)
        guard signature.count == signatureBytes else { return false }
        let count = Int(piste_ecdsa_der(signature, &der))
        guard count > 0, let key = key(x, y) else { return false }
        return Verification.isValid(Array(der.prefix(count)), for: message, by: key)
    }

    private static func key(_ x: [UInt8], _ y: [UInt8]) -> OpaquePointer? {
        guard x.count == coordinateBytes, y.count == coordinateBytes else { return nil }
        var point = [4] + x + y
        return piste_p256_key(&point)
    }
}
