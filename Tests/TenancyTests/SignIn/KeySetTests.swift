import Synchronization
import Testing
import Text

@testable import Tenancy

/// Which keys of a set are used, by which names, and when a set is read again.
struct KeySetTests {
    private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

    private static func curve(_ more: String) -> String {
        #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(more)}"#
    }

    private static func set(_ keys: String...) throws -> JSONWebKeySet {
        try JSONWebKeySet(#"{"keys":[\#(keys.joined(separator: ","))]}"#)
    }

    private static func edwards(_ more: String) -> String {
        #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"\#(more)}"#
    }

    /// A token with this header, of which nothing else matters.
    private static func named(_ header: String) -> String {
        Base64URL.text(Array(header.utf8)) + "." + Base64URL.text(Array("{}".utf8)) + ".AAAA"
    }

    /// What is wrong with a set is said as it is.
    @Test(arguments: [
        (
            #"{"issuer":"https://id.example","jwks_uri":"https://id.example/k"}"#,
            "its keys are at https://id.example/k"
        ),
        ("\u{FEFF}{\"keys\":[]}", "byte order mark"), (#"{"keys":[1"#, "byte 11"),
        (#"{"keys":[{"kty":"RSA","kid":"a","n":"AQ==","e":"AQAB"}]}"#, "key a: its n is no base64url"),
        (#"{"keys":[{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}]}"#, "key 1: its curve is P-521"),
        (#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#, "it has 17 bits"),
        (#"{"keys":[{"kty":"OKP","crv":"X25519","x":"AA"}]}"#, "its kty is OKP"),
    ])
    func saysWhatIsWrongWithASet(text: String, words: String) {
        let error = #expect(throws: TenancyError.self) { try JSONWebKeySet(text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func findsAKeyByItsExactName() throws {
        let set = try Self.set(Self.curve(#","kid":"a""#), Self.curve(#","kid":"A""#), Self.curve(""))
        #expect(set.keys(named: "a").map(\.kid) == ["a"])
        #expect(set.keys(named: "A").map(\.kid) == ["A"])
        for name in ["a ", " a", "b", "", "á"] { #expect(set.keys(named: name).isEmpty, "\(name)") }
        #expect(set.keys(named: nil).count == 3)
        #expect(try Self.set(Self.curve("")).keys(named: "a").isEmpty)
        // One key that stands there twice is one; of two kinds under one name the token's algorithm takes its own.
        let token = try IDToken(Self.named(#"{"alg":"ES256","kid":"a"}"#))
        let twice = try Self.set(Self.curve(#","kid":"a""#), Self.curve(#","kid":"a","use":"sig""#))
        #expect(twice.candidates(for: token).count == 1)
        let kinds = try Self.set(Self.curve(#","kid":"a""#), Self.edwards(#","kid":"a""#))
        #expect(kinds.candidates(for: token).map(\.numbers) == [twice.keys[0].numbers])
        let nameless = try IDToken(Self.named(#"{"alg":"EdDSA"}"#))
        #expect(kinds.candidates(for: nameless).count == 1)
        // The same letter in two spellings is one text for Swift, and two names for everybody else.
        let composed = try Self.set(Self.curve(#","kid":"é""#), Self.curve(""))
        #expect(composed.keys(named: "e\u{301}").isEmpty)
        #expect(composed.keys(named: "\u{E9}").count == 1)
    }

    @Test func leavesOutWhatIsForSomethingElse() throws {
        for more in [
            #","use":"enc""#, #","alg":"ES384""#, #","alg":"RS256""#, #","alg":"ES257""#,
            #","key_ops":["sign"]"#, #","kid":7"#,
            #","alg":null"#, #","use":["sig"]"#,
        ] {
            let set = try Self.set(Self.curve(more), Self.curve(#","kid":"good""#))
            #expect(set.keys.map(\.kid) == ["good"], "\(more)")
        }
        for more in [#","use":"sig""#, #","alg":"ES256""#, #","key_ops":["verify"]"#, #","x5t":"7""#] {
            #expect(try Self.set(Self.curve(more)).keys.count == 1, "\(more)")
        }
    }

    @Test func refusesWhatIsNoSetOfPublicKeys() throws {
        for text in [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]}"#, #"{"keys":[7]}"#,
            #"{"keys":[\#(Self.curve(#","d":"AA""#))]}"#,
            #"{"keys":[{"kty":"oct","k":"AA"},\#(Self.curve(""))]}"#,
            #"{"keys":[\#(Self.curve(""))],"keys":[]}"#,
            #"{"keys":[\#(Self.curve(#","kid":"a","kid":"b""#))]}"#,
            #"{"keys":[\#(Self.curve(""))]} x"#,
            #"{"keys":[\#(Self.curve(""))],"x":"\#(String(repeating: "x", count: JSONWebKeySet.longest))"}"#,
        ] {
            let error = #expect(throws: TenancyError.self, "\(text.prefix(60))") { try JSONWebKeySet(text) }
            #expect(error?.message.hasPrefix("The set of keys cannot be used: ") == true)
        }
        #expect(try Self.set(Self.curve("")).keys.count == 1)
    }

    @Test(arguments: [
        "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\u{1}\"}",
        "{\"a\":1}x",
        "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":[[[[[[[[1]]]]]]]]}", "", "{", "{\"a\":tru}",
        "{\"a\":\"\\x\"}",
    ])
    func readsNoJSONThatCouldMeanSomethingElse(text: String) {
        #expect(StrictJSON.object(Array(text.utf8)) == nil)
    }

    @Test func readsJSON() {
        #expect(
            StrictJSON.object(
                Array(#" { "a" : [ 1 , -2.5e1 , "é\n\u00e9\ud83d\ude00" , true , null , { } ] } "#.utf8))
                == [
                    "a": .array([.number(1), .number(-25), .text("é\né😀"), .truth(true), .null, .object([:])])
                ])
        #expect(StrictJSON.object([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]) == nil, "broken UTF-8")
    }

    @Test func readsASetAgainForANameItDoesNotKnow() async throws {
        let served = Mutex((count: 0, kid: "old"))
        let download: KeySetCache.Download = { _ in
            served.withLock { served in
                served.count += 1
                return #"{"keys":[\#(Self.curve(#","kid":"\#(served.kid)""#)),\#(Self.curve(""))]}"#
            }
        }
        let cache = KeySetCache(cooldown: .zero, download: download)
        #expect(try await cache.keys(at: "a", for: "old").keys(named: "old").isEmpty == false)
        #expect(try await cache.keys(at: "a", for: "old").keys(named: "old").isEmpty == false)
        #expect(served.withLock { $0.count } == 1, "it is kept")
        served.withLock { $0.kid = "new" }
        #expect(try await cache.keys(at: "a", for: "new").keys(named: "new").isEmpty == false)
        #expect(served.withLock { $0.count } == 2)
        #expect(
            try await cache.keys(at: "a", for: "old").keys(named: "old").isEmpty == true,
            "the old key is gone")
        #expect(served.withLock { $0.count } == 3)
        #expect(try await cache.keys(at: "b", for: "new").keys(named: "new").isEmpty == false)
        #expect(served.withLock { $0.count } == 4, "each address has its own")

        // Whatever names tokens make up, the provider is not asked for each.
        let calm = KeySetCache(cooldown: .seconds(3600), download: download)
        for name in ["x", "y", "z", "new"] { _ = try await calm.keys(at: "a", for: name) }
        #expect(served.withLock { $0.count } == 5)
        #expect(try await calm.keysAgain(at: "a") == nil, "it was read just now")
        #expect(try await cache.keysAgain(at: "a")?.keys(named: "new").isEmpty == false)
        served.withLock { $0.count -= 1 }
        // And what is old is read anew, also when nothing is missing.
        let short = KeySetCache(lifetime: .zero, cooldown: .zero, download: download)
        for _ in 0..<2 { _ = try await short.keys(at: "a", for: "new") }
        #expect(served.withLock { $0.count } == 7)
    }

    @Test(arguments: [
        "http://id.example/jwks", "ftp://id.example/jwks", "file:///etc/passwd",
        "http://127.0.0.1.evil.example/k",
        "http://localhost@evil.example/", "http://localhost:7@evil.example/", "http://localhost:/",
        "https://id.example:99999/k",
        "https://id.example/ x", "https://id.example/\u{E9}", "",
        "HTTP://127.0.0.1/",
    ])
    func readsKeysFromSafeAddressesOnly(address: String) async {
        let error = await #expect(throws: TenancyError.self) { try await KeySetDownload.text(address) }
        #expect(error?.code == .invalid)
    }
}
