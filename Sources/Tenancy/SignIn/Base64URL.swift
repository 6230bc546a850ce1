/// Base64url without padding of RFC 7515, section 2, in its one canonical spelling.
enum Base64URL {
    /// The bytes of a text; nil for padding, other characters, and a spelling that is not canonical.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        guard
            text.utf8.allSatisfy({
                $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=")
            })
        else { return nil }
        let standard = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return Base64.bytes(String(standard) + String(repeating: "=", count: (4 - standard.count % 4) % 4))
    }
}
