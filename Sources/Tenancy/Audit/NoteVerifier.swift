import Signing
import Text

/// The public key that verifies notes, as its owner publishes it: `name+0a1b2c3d+base64`.
package struct NoteVerifier: Hashable, Sendable, CustomStringConvertible {
    package let id: NoteKeyID
    let publicKey: [UInt8]

    init(name: String, publicKey: [UInt8]) {
        id = NoteKeyID(name: name, publicKey: publicKey)
        self.publicKey = publicKey
    }

    /// Reads a verifier key; throws what is wrong with it.
    package init(_ text: String) throws(AuditFileError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, NoteKeyID.isName(parts[0]) else {
            throw AuditFileError("a verifier key looks like name+0a1b2c3d+AbC…")
        }
        guard let bytes = Base64.bytes(parts[2]), bytes.count == 1 + Ed25519.keyBytes,
            bytes[0] == NoteKeyID.ed25519
        else { throw AuditFileError("this verifier key is not one of Ed25519") }
        self.init(name: String(parts[0]), publicKey: Array(bytes.dropFirst()))
        guard Hexadecimal.text(id.hash) == parts[1] else {
            throw AuditFileError("this verifier key is damaged: its hash does not match it")
        }
    }

    /// The text that customers get.
    package var description: String {
        "\(id)+\(Base64.text([NoteKeyID.ed25519] + publicKey))"
    }
}
