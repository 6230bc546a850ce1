import FoundationEssentials

/// What a token says of itself, read without verifying anything.
struct TokenClaims {
    /// Header and claims as JSON text.
    let header: String
    let claims: String
    let jti: String?
    let company: String?
    let expiresAt: Date?

    private struct Known: Decodable {
        var jti: String?
        var aud: String?
        var exp: Double?
    }

    private struct AnyObject: Decodable {}

    /// The parts of a compact JWT; nil when the text is none.
    init?(_ token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decoded(parts[0]), let claims = Self.decoded(parts[1]),
            (try? JSONDecoder().decode(AnyObject.self, from: Data(header.utf8))) != nil,
            let known = try? JSONDecoder().decode(Known.self, from: Data(claims.utf8))
        else { return nil }
        self.header = header
        self.claims = claims
        jti = known.jti
        company = known.aud
        expiresAt = known.exp.map { Date(timeIntervalSince1970: $0) }
    }

    /// Undoes base64url, in which a token leaves out the padding.
    private static func decoded(_ part: Substring) -> String? {
        let standard = part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        guard let data = Data(base64Encoded: String(standard) + padding) else { return nil }
        // PostgreSQL writes JSON in one line; anything else is not its token.
        guard !data.contains(where: { $0 < 0x20 }) else { return nil }
        return String(data: data, encoding: .utf8)
    }
}
