import FoundationEssentials
import Signing
import TestSupport
import Testing
import Text

@testable import Tenancy

/// Ten thousand damaged tokens and key sets: none ends the program, and none is believed for what it is not.
@Suite(.enabled(if: PaperProvider.python != nil, "python3-jwt and python3-cryptography are not installed"))
struct SignInFuzzTests {
    private static let mutations = 10_000

    private static func claims(_ token: String) -> [UInt8] {
        Base64URL.bytes(token.split(separator: ".")[1]) ?? []
    }

    @Test func believesNoDamagedIDToken() async throws {
        let paper = try await EngineWorld.paper.value
        let token = try await paper.tokens([.init(alg: "ES256", key: "ec", kid: "ec-1")])[0]
        let keys = try JSONWebKeySet(paper.jwks)
        let sound = try IDToken(token)
        let now = try #require(sound.claims["iat"]?.number)
        let parts = token.split(separator: ".").map(String.init)
        let plain = Self.claims(token)
        var mutator = Mutator(
            seed: 22, words: ["\"exp\":", "\"aud\":", "\"email_verified\":true", "\"typ\":\"ID\""])
        func judged(_ text: String) -> Bool {
            guard let read = try? IDToken(text) else { return false }
            return
                (try? read.verified(by: keys, for: .paper, nonce: nil, now: now)) != nil
        }
        #expect(judged(token))
        for round in 0..<Self.mutations {
            var text = token
            if round.isMultiple(of: 2) {
                text = String(decoding: mutator.changed(Array(token.utf8)), as: UTF8.self)
            } else {
                text = [parts[0], Base64URL.text(mutator.changed(plain)), parts[2]].joined(separator: ".")
            }
            #expect(!judged(text) || text == token, "\(round)")
            // Whoever has the key signs what they like: it is judged, and never a crash.
            if let claims = StrictJSON.object(mutator.changed(plain)) {
                let forged = IDToken(claims: claims, like: sound)
                if let verified = try? forged.verifiedClaims(for: .paper, nonce: nil, now: now) {
                    #expect(
                        !verified.user.isEmpty && verified.expiresAt <= Int64(now) + 86_400 + 60, "\(round)")
                }
            }
        }
    }

    @Test func readsDamagedContextTokens() throws {
        let header = #"{"alg":"HS256","kid":"x","typ":"piste+jwt"}"#
        let claims = #"{"exp":1796021172,"iat":1796021100,"nbf":1,"jti":"x","aud":"awesome","sub":"bob"}"#
        let sound = [header, claims].map { Base64URL.text(Array($0.utf8)) }.joined(separator: ".") + ".AAAA"
        #expect(TokenClaims(sound)?.company == "awesome")
        var mutator = Mutator(seed: 23, words: ["\"exp\":", "\"jti\":"])
        for round in 0..<Self.mutations {
            let changed =
                round.isMultiple(of: 2)
                ? String(decoding: mutator.changed(Array(sound.utf8)), as: UTF8.self)
                : [Array(header.utf8), mutator.changed(Array(claims.utf8))].map { Base64URL.text($0) }
                    .joined(separator: ".") + ".AAAA"
            guard let read = TokenClaims(changed) else { continue }
            if let end = read.expiresAt { #expect((0...253_402_300_799).contains(end.timeIntervalSince1970)) }
        }
    }

    @Test func believesNoDamagedKeySet() async throws {
        let paper = try await EngineWorld.paper.value
        let token = try IDToken(try await paper.tokens([.init(alg: "ES256", key: "ec", kid: "ec-1")])[0])
        let sound = try #require(try JSONWebKeySet(paper.jwks).candidates(for: token).first)
        var mutator = Mutator(
            seed: 24, words: ["\"kty\":\"EC\"", "\"crv\":\"P-384\"", "\"d\":\"AA\"", "\"OKP\""])
        var usable = 0
        for round in 0..<Self.mutations {
            let text = String(decoding: mutator.changed(Array(paper.jwks.utf8)), as: UTF8.self)
            guard let keys = try? JSONWebKeySet(text) else { continue }
            usable += 1
            for key in keys.candidates(for: token)
            where key.isValid(token.signature, for: token.signedPart, as: token.algorithm) {
                #expect(key.numbers == sound.numbers, "\(round)")
            }
        }
        #expect(usable > 1_000)
    }
}

extension SignInRules {
    /// What the provider on paper is set with.
    static let paper = SignInRules(issuer: PaperProvider.issuer, audiences: [PaperProvider.audience])
}
