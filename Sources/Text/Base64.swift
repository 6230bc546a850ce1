import FoundationEssentials

/// Base64 of RFC 4648, section 4, in its one canonical spelling.
package enum Base64 {
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let text = String(text)
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }

    package static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
