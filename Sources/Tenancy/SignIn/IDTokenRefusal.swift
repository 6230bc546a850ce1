/// What is wrong with an ID token, in the engine's manner: a code word and a sentence without its full stop.
struct IDTokenRefusal: Error, Hashable, Sendable {
    /// The code words that the engine takes for its record.
    enum Code: String, Sendable {
        case malformed = "id_token_malformed"
        case algorithm = "id_token_algorithm"
        case unknownKey = "id_token_unknown_key"
        case signature = "id_token_signature"
        case issuer = "id_token_issuer"
        case audience = "id_token_audience"
        case expired = "id_token_expired"
        case early = "id_token_early"
        case nonce = "id_token_nonce"
        case email = "id_token_email"
        case kind = "id_token_kind"
        case claims = "id_token_claims"
        case providerMissing = "provider_missing"
    }

    let code: Code
    let words: String

    init(_ code: Code, _ words: String) {
        self.code = code
        self.words = words
    }

    static let noProvider = IDTokenRefusal(.providerMissing, "this company has no identity provider")

    /// The refusal as whoever asked gets it.
    var error: TenancyError { TenancyError(.refused, "\(code.rawValue): \(words)") }
}
