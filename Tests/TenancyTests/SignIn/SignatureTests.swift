import Signing
import Testing
import Text

@testable import Tenancy

/// RS256 and ES256 answer what RFC 7515 says, and nothing that is almost right.
struct SignatureTests {
    /// Appendix A.2: header, claims and signature, and the key.
    private static let rs256 = """
        eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ\
        cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e\
        OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
        """
    private static let modulus = """
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs\
        D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV\
        MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ
        """
    /// Appendix A.3.
    private static let es256 = """
        eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
        """
    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

    private static func key(_ members: String) throws -> JSONWebKey {
        try JSONWebKeySet(#"{"keys":[{\#(members)}]}"#).keys[0]
    }

    @Test func verifiesTheExamplesOfRFC7515() throws {
        for (text, members) in [
            (Self.rs256, #""kty":"RSA","n":"\#(Self.modulus)","e":"AQAB""#),
            (Self.es256, #""kty":"EC","crv":"P-256","x":"\#(Self.x)","y":"\#(Self.y)""#),
        ] {
            let token = try IDToken(text)
            let key = try Self.key(members)
            #expect(key.allows(token.algorithm))
            #expect(key.isValid(token.signature, for: token.signedPart, as: token.algorithm))
            for index in [0, token.signedPart.count / 2, token.signedPart.count - 1] {
                var changed = token.signedPart
                changed[index] ^= 1
                #expect(!key.isValid(token.signature, for: changed, as: token.algorithm))
            }
            for index in token.signature.indices {
                var changed = token.signature
                changed[index] ^= 1
                #expect(
                    !key.isValid(changed, for: token.signedPart, as: token.algorithm),
                    "byte \(index) of the signature")
            }
            for wrong in [
                [], Array(token.signature.dropLast()), token.signature + [0], [0] + token.signature,
            ] {
                #expect(!key.isValid(wrong, for: token.signedPart, as: token.algorithm))
            }
            #expect(key.isValid(token.signature, for: token.signedPart, as: token.algorithm))
        }
    }

    @Test func takesNoSignatureOfZerosAndNoPointOffTheCurve() throws {
        let token = try IDToken(Self.es256)
        let key = try Self.key(#""kty":"EC","crv":"P-256","x":"\#(Self.x)","y":"\#(Self.y)""#)
        #expect(!key.isValid([UInt8](repeating: 0, count: 64), for: token.signedPart, as: token.algorithm))
        #expect(!key.isValid([UInt8](repeating: 255, count: 64), for: token.signedPart, as: token.algorithm))
        let x = try #require(Base64URL.bytes(Self.x))
        let y = try #require(Base64URL.bytes(Self.y))
        #expect(ECDSASignature.isKey(x: x, y: y))
        #expect(!ECDSASignature.isKey(x: y, y: x))
        #expect(
            !ECDSASignature.isKey(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)))
        #expect(!ECDSASignature.isKey(x: Array(x.dropLast()), y: y))
    }

    @Test func takesNoKeyThatIsTooShortTooLongOrEven() throws {
        let modulus = try #require(Base64URL.bytes(Self.modulus))
        #expect(RSASignature.bitCount(modulus) == 2048)
        #expect(RSASignature.isKey(modulus: modulus, exponent: [1, 0, 1]))
        #expect(
            RSASignature.isKey(modulus: [0] + modulus, exponent: [0, 1, 0, 1]),
            "zeros in front count for nothing")
        for (modulus, exponent): ([UInt8], [UInt8]) in [
            (Array(modulus.prefix(128)), [1, 0, 1]), ([0x7F] + modulus.dropFirst(), [1, 0, 1]),
            (modulus + [UInt8](repeating: 1, count: 1024), [1, 0, 1]), (modulus, [1]), (modulus, [1, 0, 0]),
            (modulus, []), ([], [1, 0, 1]), (modulus, [UInt8](repeating: 1, count: 9)),
        ] {
            #expect(!RSASignature.isKey(modulus: modulus, exponent: exponent), "\(modulus.count) \(exponent)")
        }
    }
}
