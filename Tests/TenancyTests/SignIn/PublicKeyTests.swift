import Signing
import TestSupport
import Testing

@testable import Tenancy

/// Signatures of others: the RFC's own examples, and what must not pass.
struct PublicKeyTests {
    private static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Base64URL.bytes(text)) }

    /// RFC 7515, appendix A.2.
    @Test func rs256OfTheRFC() throws {
        let key = try PublicKey.rsa(
            modulus: bytes(
                "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
            ), exponent: bytes("AQAB"))
        let signature = try bytes(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        )
        let message = Array("eyJhbGciOiJSUzI1NiJ9.\(Self.payload)".utf8)
        #expect(key.algorithm == .rs256)
        #expect(key.isValid(signature, for: message))
        try expectOnlyThis(signature, message, key)
    }

    /// RFC 7515, appendix A.3.
    @Test func es256OfTheRFC() throws {
        let key = try PublicKey.p256(
            x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
        let signature = try bytes(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
        let message = Array("eyJhbGciOiJFUzI1NiJ9.\(Self.payload)".utf8)
        #expect(key.algorithm == .es256)
        #expect(key.isValid(signature, for: message))
        try expectOnlyThis(signature, message, key)
        // CVE-2022-21449: a signature of zeros is none.
        #expect(!key.isValid([UInt8](repeating: 0, count: 64), for: message))
        #expect(!key.isValid(Array(signature[..<32]) + [UInt8](repeating: 0, count: 32), for: message))
    }

    private func expectOnlyThis(_ signature: [UInt8], _ message: [UInt8], _ key: PublicKey) throws {
        var other = message
        other[other.count - 1] ^= 1
        #expect(!key.isValid(signature, for: other))
        var bent = signature
        bent[5] ^= 1
        #expect(!key.isValid(bent, for: message))
        for wrong in [[], Array(signature.dropLast()), signature + [0]] {
            #expect(!key.isValid(wrong, for: message))
        }
    }

    @Test func weakAndMalformedKeysAreNone() throws {
        let short = try TestIssuer(.rsa(bits: 1024), keyID: "short")
        #expect(throws: SigningError.self) { try PublicKey.rsa(modulus: short.modulus, exponent: [1, 0, 1]) }
        let long = try TestIssuer(keyID: "long")
        #expect(throws: SigningError.self) { try PublicKey.rsa(modulus: long.modulus, exponent: [2]) }
        #expect(throws: SigningError.self) {
            try PublicKey.rsa(modulus: [UInt8](repeating: 255, count: 1025), exponent: [3])
        }
        _ = try PublicKey.rsa(modulus: [0] + long.modulus, exponent: [1, 0, 1])
        // A point beside the curve.
        #expect(throws: SigningError.self) {
            try PublicKey.p256(x: [UInt8](repeating: 1, count: 32), y: [UInt8](repeating: 2, count: 32))
        }
        #expect(throws: SigningError.self) { try PublicKey.p256(x: [1], y: [2]) }
    }

    @Test func aKeySetKeepsOnlyWhatItUnderstands() throws {
        let issuer = try TestIssuer(.p256, keyID: "one")
        let odd =
            #"{"kty":"oct","k":"c2VjcmV0","kid":"s"},{"kty":"RSA","use":"enc","kid":"e","n":"AA","e":"AQAB"},{"kty":"OKP","crv":"Ed25519","kid":"o","x":"AA"}"#
        let set = try KeySet(Array("{\"keys\":[\(odd),\(issuer.webKey)]}".utf8))
        #expect(set.key(named: "one")?.algorithm == .es256)
        #expect(set.key(named: nil)?.algorithm == .es256)
        for name in ["s", "e", "o", "two", ""] { #expect(set.key(named: name) == nil) }
        // Two keys of one name, or two keys and a token that names none: it is not clear which.
        let twice = try KeySet(Array("{\"keys\":[\(issuer.webKey),\(issuer.webKey)]}".utf8))
        #expect(twice.key(named: "one") == nil)
        #expect(twice.key(named: nil) == nil)
        for text in ["", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[\(odd)]}", "{\"keys\":[{}]}"] {
            #expect(throws: TenancyError.self, "\(text)") { try KeySet(Array(text.utf8)) }
        }
    }
}
