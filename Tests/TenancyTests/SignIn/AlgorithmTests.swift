import Foundation
import TestSupport
import Testing

@testable import Tenancy

/// Every algorithm that is taken verifies what another library signed, and nothing under another's name.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct AlgorithmTests {
    private static let script = """
        import json, jwt, sys
        from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

        r = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        p256, p384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
        ed = ed25519.Ed25519PrivateKey.generate()
        def public(maker, key, kid):
            made = json.loads(maker.to_jwk(key.public_key()))
            return {**{k: v for k, v in made.items() if k != "key_ops"}, "kid": kid}
        keys = [public(RSAAlgorithm, r, "r"), public(ECAlgorithm, p256, "p256"), public(ECAlgorithm, p384, "p384"),
                public(OKPAlgorithm, ed, "ed")]
        owners = {"RS256": (r, "r"), "RS384": (r, "r"), "RS512": (r, "r"), "PS256": (r, "r"), "PS384": (r, "r"),
                  "PS512": (r, "r"), "ES256": (p256, "p256"), "ES384": (p384, "p384"), "EdDSA": (ed, "ed")}
        print(json.dumps({"jwks": json.dumps({"keys": keys}), "tokens": {
            name: jwt.encode({"sub": "x"}, key, algorithm=name, headers={"kid": kid})
            for name, (key, kid) in owners.items()}}))
        """

    private struct Made: Decodable {
        var jwks: String
        var tokens: [String: String]
    }

    @Test func verifiesWhatAnotherLibrarySigned() async throws {
        let python = try #require(PaperProvider.python)
        let ended = try await PythonEnvironment.run(python, Self.script)
        let made = try JSONDecoder().decode(Made.self, from: Data(ended.output.utf8))
        let keys = try JSONWebKeySet(made.jwks)
        #expect(keys.keys.count == 4)
        #expect(Set(made.tokens.keys) == Set(SignatureAlgorithm.allCases.map(\.rawValue)))
        for (name, text) in made.tokens {
            let token = try IDToken(text)
            let key = try #require(keys.candidates(for: token).first, "\(name)")
            #expect(key.isValid(token.signature, for: token.signedPart, as: token.algorithm), "\(name)")
            for other in SignatureAlgorithm.allCases where other.rawValue != name {
                for key in keys.keys {
                    #expect(
                        !key.isValid(token.signature, for: token.signedPart, as: other), "\(name) as \(other)"
                    )
                }
            }
            for index in stride(from: 0, to: token.signature.count, by: 7) {
                var changed = token.signature
                changed[index] ^= 1
                #expect(!key.isValid(changed, for: token.signedPart, as: token.algorithm), "\(name) \(index)")
            }
            #expect(!key.isValid(token.signature, for: token.signedPart + [0], as: token.algorithm))
        }
    }

    /// What a provider says of itself is held against what is to be set.
    @Test func discoveryIsHeldAgainstWhatIsSet() async throws {
        let paper = try await EngineWorld.paper.value
        func document(_ issuer: String, _ more: String = "") -> String {
            #"{"issuer":"\#(issuer)","jwks_uri":"https://id.example/k"\#(more)}"#
        }
        func discovered(
            _ asked: String, _ text: String, keys: String? = nil, claims: [String: String] = [:]
        ) async -> Result<ProviderDiscovery, TenancyError> {
            do throws(TenancyError) {
                return .success(
                    try await ProviderDiscovery(issuer: asked, claims: claims) {
                        address throws(TenancyError) in
                        guard address != "https://id.example/k" else { return keys ?? paper.jwks }
                        guard address.hasSuffix("/.well-known/openid-configuration"),
                            !address.contains("//.well")
                        else {
                            throw TenancyError(.failed, "there is nothing at \(address)")
                        }
                        return text
                    })
            } catch {
                return .failure(error)
            }
        }
        let id = "https://id.example/"
        #expect(try await discovered(id, document(id)).get().keysAddress == "https://id.example/k")
        let algorithms = #","id_token_signing_alg_values_supported":["HS256"]"#
        for (text, keys, words) in [
            (document("https://evil.example"), nil, "calls itself https://evil.example"),
            (document(id, algorithms), nil, "it signs with HS256"), ("{}", nil, "names no issuer"),
            ("<html>", nil, "byte 1"), (document(id), #"{"keys":[]}"#, "no key that can verify"),
            (document(id), document(id), "discovery document"),
        ] as [(String, String?, String)] {
            guard case .failure(let error) = await discovered(id, text, keys: keys) else {
                Issue.record("\(text) was taken")
                continue
            }
            #expect(error.message.contains(words), "\(error.message)")
        }
        let many = "https://login.microsoftonline.com/{tenantid}/v2.0"
        let common = "https://login.microsoftonline.com/common/v2.0"
        guard case .failure(let error) = await discovered(common, document(many)) else {
            Issue.record("an issuer for everybody was taken")
            return
        }
        #expect(error.message.contains("--claim tid="))
        let one = try await discovered(common, document(many), claims: ["tid": ProviderDocuments.tenant])
            .get()
        #expect(one.issuer == "https://login.microsoftonline.com/\(ProviderDocuments.tenant)/v2.0")
    }
}
