import Text

/// A context token taken apart, to be put together otherwise.
struct ForgedToken: Sendable {
    private let header: String
    private let claims: String
    private let signature: String

    /// Nil for what has not three parts.
    init?(_ token: String) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        (header, claims, signature) = (parts[0], parts[1], parts[2])
    }

    /// The header's key id.
    var kid: String? {
        text(header)?.split(separator: "\"").map(String.init).drop { $0 != "kid" }.dropFirst(2).first
    }

    /// The token with another header, under the old signature.
    func with(header json: String) -> String { "\(Self.part(json)).\(claims).\(signature)" }

    /// The token with a piece of its claims replaced, under the old signature; nil where there is no such piece.
    func replacing(_ old: String, with new: String) -> String? {
        guard let text = text(claims), text.contains(old) else { return nil }
        let changed = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        return "\(header).\(Self.part(changed)).\(signature)"
    }

    /// The token with these claims and no signature at all, for an algorithm that asks for none.
    func unsigned(header json: String) -> String { "\(Self.part(json)).\(claims)." }

    /// The claims of one token below the header and the signature of another.
    func carrying(_ other: ForgedToken) -> String { "\(header).\(other.claims).\(signature)" }

    private func text(_ part: String) -> String? {
        var base = String(part.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while base.utf8.count % 4 != 0 { base += "=" }
        return Base64.bytes(base).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func part(_ text: String) -> String {
        String(
            Base64.text(Array(text.utf8)).compactMap {
                $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0
            })
    }
}
