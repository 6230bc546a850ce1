import FoundationEssentials

/// Base64url of RFC 4648, section 5, without padding, in its one canonical spelling.
package enum Base64URL {
    /// The bytes of a text; nil for what is not base64url, or not spelled in the canonical way.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.allSatisfy(isDigit) else { return nil }
        let standard = String(
            decoding: text.utf8.map {
                $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0
            }, as: UTF8.self)
        return Base64.bytes(standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "A"..."Z", "a"..."z", "0"..."9", "-", "_": true
        default: false
        }
    }

    /// The text of bytes.
    package static func text(_ bytes: [UInt8]) -> String {
        String(
            Base64.text(bytes).compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}
