import Foundation
import TestSupport
import Testing

@testable import Tenancy

/// What an ID token must be, claim by claim; each wrong one beside the right one.
struct IDTokenTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let rsa = try? TestIssuer(keyID: "r1")
    private static let curve = try? TestIssuer(.p256, keyID: "c1")

    private let provider = IdentityProvider(
        issuer: "https://id.acme.example", audience: "acme-app", keys: .url("https://id.acme.example/keys"))

    private func claims(_ changes: [String: Any?] = [:]) throws -> String {
        var claims: [String: Any?] = [
            "iss": "https://id.acme.example", "aud": "acme-app", "sub": "248289761001", "exp": 1_800_000_300,
            "iat": 1_799_999_990, "email": "u1@acme.example", "email_verified": true,
        ]
        for (name, value) in changes { claims[name] = value }
        return String(
            decoding: try JSONSerialization.data(withJSONObject: claims.compactMapValues { $0 }),
            as: UTF8.self)
    }

    private func fault(
        _ token: String, nonce: String? = nil, keys: String? = nil
    ) throws -> IDTokenFault? {
        let both = "{\"keys\":[\(try #require(Self.rsa).webKey),\(try #require(Self.curve).webKey)]}"
        let keys = try KeySet(Array((keys ?? both).utf8))
        do throws(IDTokenFault) {
            let token = try IDToken(verifying: token, of: provider, with: keys, nonce: nonce, now: Self.now)
            #expect(token.email == "u1@acme.example")
            return nil
        } catch {
            return error
        }
    }

    @Test func bothAlgorithmsPass() throws {
        for issuer in [try #require(Self.rsa), try #require(Self.curve)] {
            #expect(try fault(try issuer.token(try claims())) == nil)
            #expect(try fault(try issuer.token(try claims(["nonce": "n-1"])), nonce: "n-1") == nil)
            #expect(try fault(try issuer.token(try claims(["aud": ["acme-app"]]))) == nil)
            #expect(
                try fault(try issuer.token(try claims(["aud": ["acme-app", "other"], "azp": "acme-app"])))
                    == nil)
            // One key and a token that names none.
            let header = "{\"alg\":\"\(issuer.algorithm)\"}"
            #expect(try fault(try issuer.token(try claims(), header: header), keys: issuer.keySet) == nil)
        }
    }

    @Test(
        arguments: [
            (["iss": "https://id.acme.example/"], IDTokenFault.issuer),
            (["iss": "https://id.globex.example"], .issuer),
            (["iss": nil], .malformed), (["aud": "globex-app"], .audience), (["aud": [String]()], .audience),
            (["aud": ["acme-app", "other"]], .audience), (["azp": "other"], .audience),
            (["exp": 1_799_999_939], .expired), (["exp": nil], .malformed),
            (["exp": "1800000300"], .malformed),
            (["exp": 1e300], .malformed), (["iat": nil], .malformed), (["iat": 1_800_000_061], .early),
            (["nbf": 1_800_000_061], .early), (["nonce": "n-2"], .nonce), (["email_verified": false], .email),
            (["email_verified": nil], .email), (["email_verified": "true"], .malformed),
            (["email": nil], .email),
            (["email": ""], .email),
        ] as [([String: (any Sendable)?], IDTokenFault)])
    func aWrongClaimIsNamed(changes: [String: (any Sendable)?], expected: IDTokenFault) throws {
        let issuer = try #require(Self.rsa)
        #expect(try fault(try issuer.token(try claims(changes))) == expected)
        #expect(try fault(try issuer.token(try claims())) == nil)
    }

    @Test func aMinuteOfLeewayAndNoMore() throws {
        let issuer = try #require(Self.rsa)
        #expect(try fault(try issuer.token(try claims(["exp": 1_799_999_941]))) == nil)
        #expect(try fault(try issuer.token(try claims(["iat": 1_800_000_059]))) == nil)
    }

    @Test func aNonceBelongsToItsSignIn() throws {
        let issuer = try #require(Self.rsa)
        #expect(try fault(try issuer.token(try claims(["nonce": "n-1"])), nonce: "n-2") == .nonce)
        #expect(try fault(try issuer.token(try claims()), nonce: "n-1") == .nonce)
    }

    @Test func theHeadersAlgorithmIsComparedAndNeverObeyed() throws {
        let (rsa, curve) = (try #require(Self.rsa), try #require(Self.curve))
        let body = TestIssuer.base64url(Array(try claims().utf8))
        func head(_ json: String) -> String { TestIssuer.base64url(Array(json.utf8)) }
        // Nobody's signature.
        for algorithm in ["none", "None", "nOnE", ""] {
            let text = "\(head("{\"alg\":\"\(algorithm)\",\"kid\":\"r1\"}")).\(body)."
            #expect(try fault(text) == .algorithm, "\(algorithm)")
        }
        // The public key as everybody's secret.
        let hmac = "\(head(#"{"alg":"HS256","kid":"r1"}"#)).\(body)"
        #expect(
            try fault("\(hmac).\(TestIssuer.base64url(try mac(of: hmac, key: rsa.modulus)))") == .algorithm)
        // One key's name over the other's signature, and the other's algorithm under the right name.
        #expect(
            try fault(try curve.token(try claims(), header: #"{"alg":"ES256","kid":"r1"}"#)) == .algorithm)
        #expect(try fault(try curve.token(try claims(), header: #"{"alg":"RS256","kid":"r1"}"#)) == .tampered)
        #expect(try fault(try rsa.token(try claims(), header: #"{"alg":"RS256","kid":"c1"}"#)) == .algorithm)
        #expect(try fault(try rsa.token(try claims(), header: #"{"alg":"RS512","kid":"r1"}"#)) == .algorithm)
        #expect(try fault(try rsa.token(try claims(), header: #"{"alg":"RS256","kid":"r2"}"#)) == .unknownKey)
        #expect(try fault(try rsa.token(try claims(), header: #"{"alg":"RS256"}"#)) == .unknownKey)
        // A key that the token brings along.
        let stranger = try TestIssuer(keyID: "r1")
        let bringing = "{\"alg\":\"RS256\",\"kid\":\"r1\",\"jwk\":\(stranger.webKey)}"
        #expect(try fault(try stranger.token(try claims(), header: bringing)) == .tampered)
        #expect(
            try fault(try rsa.token(try claims(), header: #"{"alg":"RS256","kid":"r1","crit":["x"],"x":1}"#))
                == .malformed)
    }

    @Test func aTouchedTokenIsNone() throws {
        let issuer = try #require(Self.curve)
        let honest = try issuer.token(try claims())
        let parts = honest.split(separator: ".").map(String.init)
        let raised = TestIssuer.base64url(Array(try claims(["email": "u2@acme.example"]).utf8))
        #expect(try fault("\(parts[0]).\(raised).\(parts[2])") == .tampered)
        for text in [
            "", ".", "..", "a.b.c", "\(parts[0]).\(parts[1])", "\(honest).", "\(honest)=", " \(honest)",
            "\(parts[0]).\(parts[1]).\(parts[2].replacing("A", with: "+"))+",
            String(repeating: "e", count: 20_000) + "..",
        ] { #expect(try fault(text) == .malformed, "\(text.prefix(60))") }
        #expect(try fault(honest) == nil)
    }

    /// HMAC-SHA-256 by the engine's own test library, so that the attack is a real one.
    private func mac(of text: String, key: [UInt8]) throws -> [UInt8] { hmac(Array(text.utf8), key: key) }
}
