internal import CLibcrypto

/// A public key that others sign with, by OpenSSL's libcrypto: RS256 and ES256 of RFC 7518, sections 3.3 and 3.4.
package final class PublicKey: Sendable {
    /// How signatures of a key are made.
    package enum Algorithm: String, Sendable {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rs256 = "RS256"
        /// ECDSA on the curve P-256 with SHA-256; a signature is r and s of 32 bytes each.
        case es256 = "ES256"
    }

    /// The one algorithm that this key is for.
    package let algorithm: Algorithm
    /// Never changed after it was made, and libcrypto counts who holds it.
    private nonisolated(unsafe) let key: OpaquePointer

    private init(_ algorithm: Algorithm, _ key: OpaquePointer) {
        self.algorithm = algorithm
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// An RSA key from its modulus and exponent, big end first.
    ///
    /// Throws for fewer than 2048 bits (RFC 7518, section 3.3) and for more than 8192, which only cost time.
    package static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(SigningError) -> PublicKey {
        let modulus = Array(modulus.drop { $0 == 0 })
        guard (256...1024).contains(modulus.count), modulus[0] & 0x80 != 0 || modulus.count > 256 else {
            throw SigningError("an RSA key has from 2048 to 8192 bits")
        }
        guard (1...8).contains(exponent.count), let last = exponent.last, last & 1 == 1 else {
            throw SigningError("this is no exponent of an RSA key")
        }
        let n = BN_bin2bn(modulus, Int32(modulus.count), nil)
        let e = BN_bin2bn(exponent, Int32(exponent.count), nil)
        defer {
            BN_free(n)
            BN_free(e)
        }
        return PublicKey(
            .rs256,
            try make("RSA") { parts in
                OSSL_PARAM_BLD_push_BN(parts, piste_rsa_modulus, n) == 1
                    && OSSL_PARAM_BLD_push_BN(parts, piste_rsa_exponent, e) == 1
            })
    }

    /// A key on P-256 from its point's coordinates, 32 bytes each; throws for a point that is not on the curve.
    package static func p256(x: [UInt8], y: [UInt8]) throws(SigningError) -> PublicKey {
        guard x.count == 32, y.count == 32 else { throw SigningError("a point of P-256 has 32 bytes twice") }
        let point = [4] + x + y
        // libcrypto reads the point only when all parts are there.
        let made = point.withUnsafeBufferPointer { point in
            Result { () throws(SigningError) in
                try make("EC") { parts in
                    OSSL_PARAM_BLD_push_utf8_string(parts, piste_group_name, piste_p256, 0) == 1
                        && OSSL_PARAM_BLD_push_octet_string(
                            parts, piste_public_point, point.baseAddress, point.count) == 1
                }
            }
        }
        return PublicKey(.es256, try made.get())
    }

    /// Whether the signature is the one that the key's owner gave to the message; false for malformed ones.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let signature = algorithm == .es256 ? Self.encoded(signature) : signature,
            let context = EVP_MD_CTX_new()
        else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func make(
        _ type: String, _ fill: (OpaquePointer) -> Bool
    ) throws(SigningError) -> OpaquePointer {
        guard let parts = OSSL_PARAM_BLD_new() else { throw SigningError("libcrypto is out of memory") }
        defer { OSSL_PARAM_BLD_free(parts) }
        guard fill(parts), let parameters = OSSL_PARAM_BLD_to_param(parts) else {
            throw SigningError("libcrypto does not take this \(type) key")
        }
        defer { OSSL_PARAM_free(parameters) }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else {
            throw SigningError("libcrypto knows no \(type) keys")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, piste_evp_public_key, parameters) == 1, let key
        else { throw SigningError("this is no \(type) key") }
        return key
    }

    /// r and s of 32 bytes each as the DER that libcrypto reads.
    private static func encoded(_ signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64, let pair = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(pair) }
        guard let r = BN_bin2bn(Array(signature[..<32]), 32, nil),
            let s = BN_bin2bn(Array(signature[32...]), 32, nil),
            ECDSA_SIG_set0(pair, r, s) == 1
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: 80)
        let count = bytes.withUnsafeMutableBufferPointer { buffer in
            var place = buffer.baseAddress
            return Int(i2d_ECDSA_SIG(pair, &place))
        }
        guard count > 0, count <= bytes.count else { return nil }
        return Array(bytes[..<count])
    }
}
