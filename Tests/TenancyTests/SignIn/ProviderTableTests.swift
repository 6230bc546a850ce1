import Foundation
import TestSupport
import Testing
import Text

@testable import Tenancy

/// Each row of the page of providers: its ID token is taken, and what looks like it is refused by its name.
struct ProviderTableTests {
    private static let now = 1_796_000_000.0

    private static func judged(
        _ claims: String, _ rules: SignInRules, nonce: String? = nil
    ) throws -> Result<VerifiedIDToken, IDTokenRefusal> {
        var members = try #require(StrictJSON.object(Array(claims.utf8)), "\(claims)")
        members["iat"] = members["iat"] ?? .number(now)
        members["exp"] = members["exp"] ?? .number(now + 3600)
        let header = Base64URL.text(Array(#"{"alg":"RS256"}"#.utf8))
        let token = try IDToken(
            claims: members, like: IDToken("\(header).\(Base64URL.text(Array("{}".utf8))).AAAA"))
        return Result { () throws(IDTokenRefusal) in
            try token.verifiedClaims(for: rules, nonce: nonce, now: now)
        }
    }

    @Test(arguments: ProviderDocuments.rows.map(\.provider))
    func takesItsTokensAndNoLookAlike(provider: String) throws {
        let row = try #require(ProviderDocuments.rows.first { $0.provider == provider })
        for claims in row.good {
            #expect(try Self.judged(claims, row.rules).get().user == row.user)
        }
        for (what, claims, refusal) in row.lookAlikes {
            do {
                let taken = try Self.judged(claims, row.rules).get()
                Issue.record("\(what) was taken as \(taken.user)")
            } catch let error as IDTokenRefusal {
                #expect(error.code.rawValue == refusal, "\(what): \(error.words)")
            }
        }
    }

    @Test func thePageNamesEachAndNoOther() throws {
        let page = try String(
            contentsOfFile: #filePath.components(separatedBy: "/Tests/")[0]
                + "/Sources/Tenancy/Tenancy.docc/Providers.md", encoding: .utf8)
        let table = try #require(page.components(separatedBy: "## Providers\n").last)
        let rows = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            .map { $0.split(separator: "|")[0].trimmingCharacters(in: .whitespaces) }
        #expect(rows == ProviderDocuments.rows.map(\.provider))
    }

    @Test func capsTheEndAndDemandsANonce() throws {
        let row = try #require(ProviderDocuments.rows.last)
        func claims(_ more: String) -> String { row.good[0].dropLast() + more + "}" }
        for end in ["1e18", "1e300", "9223372036854775807", "95617584000"] {
            let verified = try Self.judged(claims(#","exp":\#(end)"#), row.rules).get()
            #expect(verified.expiresAt == Int64(Self.now) + 86_400, "\(end)")
        }
        for (dates, code) in [
            (#","exp":-1"#, "id_token_malformed"), (#","iat":1e300"#, "id_token_malformed"),
            (#","iat":"\#(Int(Self.now))""#, "id_token_malformed"), (#","exp":1e3"#, "id_token_expired"),
            (#","iat":\#(Int(Self.now) - 86_401),"exp":9e15"#, "id_token_expired"),
            (#","nbf":1e300"#, "id_token_early"),
        ] {
            guard case .failure(let refusal) = try Self.judged(claims(dates), row.rules) else {
                Issue.record("\(dates) was taken")
                continue
            }
            #expect(refusal.code.rawValue == code, "\(dates)")
        }
        var strict = row.rules
        strict.requiresNonce = true
        guard case .failure(let refusal) = try Self.judged(claims(""), strict) else {
            Issue.record("a token without a nonce was taken")
            return
        }
        #expect(refusal.code == .nonce)
        _ = try Self.judged(claims(#","nonce":"n""#), strict, nonce: "n").get()
        var several = row.rules
        several.audiences = ["web", "acme-app"]
        #expect(try Self.judged(claims(""), several).get().audience == "acme-app")
        // A token that another client of the company asked for is for both of them.
        #expect(try Self.judged(claims(#","azp":"web""#), several).get().audience == "acme-app")
    }
}
