/// What is wrong with an ID token; the raw value is the refusal's code in the engine.
enum IDTokenFault: String, Error, CaseIterable {
    case malformed = "id_token_malformed"
    case algorithm = "id_token_algorithm"
    case unknownKey = "id_token_unknown_key"
    case tampered = "id_token_tampered"
    case issuer = "id_token_issuer"
    case audience = "id_token_audience"
    case expired = "id_token_expired"
    case early = "id_token_early"
    case nonce = "id_token_nonce"
    case email = "id_token_email"
    case userUnknown = "user_unknown"
    case userInactive = "user_inactive"
}
