import Signing

/// The private key that signs notes; it stays in a file of whoever runs the engine and never meets the database.
package struct NoteSigner: Sendable {
    package let verifier: NoteVerifier
    private let seed: [UInt8]

    private init(name: String, seed: [UInt8]) throws(AuditFileError) {
        do throws(SigningError) {
            verifier = NoteVerifier(name: name, publicKey: try Ed25519.publicKey(of: seed))
        } catch {
            throw AuditFileError(error.message)
        }
        self.seed = seed
    }

    /// Draws a new key.
    package static func new(named name: String) throws(AuditFileError) -> NoteSigner {
        guard NoteKeyID.isName(name) else {
            throw AuditFileError(
                "a key's name has no spaces and no plus signs, for instance shop.example/audit")
        }
        return try NoteSigner(name: name, seed: Ed25519.newSeed())
    }

    /// Reads the text that `privateText` gave.
    package init(privateText text: String) throws(AuditFileError) {
        let trimmed = text.last == "\n" ? text.dropLast() : text[...]
        let parts = trimmed.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY", NoteKeyID.isName(parts[2]),
            let bytes = Base64.bytes(parts[4]), bytes.count == 1 + Ed25519.keyBytes,
            bytes[0] == NoteKeyID.ed25519
        else { throw AuditFileError("this is not a key that piste audit key new made") }
        try self.init(name: String(parts[2]), seed: Array(bytes.dropFirst()))
        guard Hexadecimal.text(verifier.id.hash) == parts[3] else {
            throw AuditFileError("this key is damaged: its hash does not match it")
        }
    }

    /// The key as text, `PRIVATE+KEY+name+0a1b2c3d+base64`: the form that Go's `note` package uses too.
    package var privateText: String {
        "PRIVATE+KEY+\(verifier.id)+\(Base64.text([NoteKeyID.ed25519] + seed))"
    }

    func signature(of text: String) throws(AuditFileError) -> [UInt8] {
        do throws(SigningError) {
            return try Ed25519.sign(Array(text.utf8), with: seed)
        } catch {
            throw AuditFileError(error.message)
        }
    }
}
