package import FoundationEssentials

/// What a token says of itself, read without verifying anything.
package struct TokenClaims: Hashable, Sendable {
    /// Header and claims as JSON text.
    package let header: String
    package let claims: String
    package let jti: String?
    package let company: String?
    /// The end that it claims; nil when it claims none that a clock could show.
    package let expiresAt: Date?

    /// The last second of the year 9999.
    private static let lastSecond = 253_402_300_799.0

    private struct Known: Decodable {
        var jti: String?
        var aud: String?
        var exp: Double?
    }

    private struct AnyObject: Decodable {}

    /// The parts of a compact JWT; nil when the text is none.
    package init?(_ token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decoded(parts[0]), let claims = Self.decoded(parts[1]),
            (try? JSONDecoder().decode(AnyObject.self, from: Data(header.utf8))) != nil,
            let known = try? JSONDecoder().decode(Known.self, from: Data(claims.utf8))
        else { return nil }
        self.header = header
        self.claims = claims
        jti = known.jti
        company = known.aud
        expiresAt = known.exp.flatMap {
            (0...Self.lastSecond).contains($0) ? Date(timeIntervalSince1970: $0) : nil
        }
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
