import Signing
import Text

/// The name of a key that signs notes, and what its signatures are known by (C2SP signed-note).
package struct NoteKeyID: Hashable, Sendable, CustomStringConvertible {
    /// The signature type of Ed25519.
    static let ed25519: UInt8 = 1

    package let name: String
    /// The first four bytes of SHA-256(name, newline, 0x01, public key).
    package let hash: [UInt8]

    init(name: String, publicKey: [UInt8]) {
        self.name = name
        hash = Array(SHA256.hash(Array(name.utf8) + [0x0A, Self.ed25519] + publicKey).prefix(4))
    }

    init(name: String, hash: [UInt8]) {
        self.name = name
        self.hash = hash
    }

    /// The name, and the hash in hexadecimal: `name+0a1b2c3d`.
    package var description: String { name + "+" + Hexadecimal.text(hash) }

    /// Tells whether a key may be called so: something without spaces, control characters and plus signs.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 160
            && text.unicodeScalars.allSatisfy {
                $0 != "+" && !$0.properties.isWhitespace && !JSONText.isHazardous($0)
            }
    }
}
