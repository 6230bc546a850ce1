internal import CLibcrypto

/// ECDSA as JSON Web Algorithms have it (RFC 7518, section 3.4), verified by OpenSSL's libcrypto.
package enum ECDSASignature {
    /// A curve, which has one digest that goes with it.
    package enum Curve: String, Sendable, CaseIterable {
        case p256 = "P-256"
        case p384 = "P-384"

        /// The bytes of a coordinate of the public key, and of each of a signature's two numbers.
        package var coordinateBytes: Int { self == .p256 ? 32 : 48 }
        var digest: Digest { self == .p256 ? .sha256 : .sha384 }
        var name: String { self == .p256 ? "prime256v1" : "secp384r1" }
    }

    /// Whether the coordinates are those of a point of the curve.
    package static func isKey(x: [UInt8], y: [UInt8], on curve: Curve = .p256) -> Bool {
        guard let key = key(x, y, curve) else { return false }
        EVP_PKEY_free(key)
        return true
    }

    /// Whether the signature is the one that the key's owner gave to the message; false for malformed ones.
    package static func isValid(
        _ signature: [UInt8], for message: [UInt8], x: [UInt8], y: [UInt8], on curve: Curve = .p256
    ) -> Bool {
        var der = [UInt8](repeating: 0, count: 120)
        guard signature.count == 2 * curve.coordinateBytes else { return false }
        let count = Int(piste_ecdsa_der(signature, Int32(curve.coordinateBytes), &der))
        guard count > 0, let key = key(x, y, curve) else { return false }
        defer { EVP_PKEY_free(key) }
        return piste_is_valid(key, curve.digest.algorithm, 0, der, count, message, message.count) == 1
    }

    private static func key(_ x: [UInt8], _ y: [UInt8], _ curve: Curve) -> OpaquePointer? {
        guard x.count == curve.coordinateBytes, y.count == curve.coordinateBytes else { return nil }
        var point = [4] + x + y
        return piste_ec_key(curve.name, &point, point.count)
    }
}
