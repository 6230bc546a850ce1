import Signing
import Text

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

    /// Draws a new key; one that is not named is called after itself, so that no two have the same name.
    package static func new(named name: String? = nil) throws(AuditFileError) -> NoteSigner {
        guard name.map({ NoteKeyID.isName($0) }) ?? true else {
            throw AuditFileError(
                "a key's name has no spaces and no plus signs, for instance shop.example/audit")
        }
        let seed = Ed25519.newSeed()
        let called: String
        if let name { called = name } else { called = try standardName(of: seed) }
        return try NoteSigner(name: called, seed: seed)
    }

    /// `piste/audit/`, and the first eight digits of the public key's SHA-256.
    private static func standardName(of seed: [UInt8]) throws(AuditFileError) -> String {
        do throws(SigningError) {
            let digest = SHA256.hash(try Ed25519.publicKey(of: seed))
            return "piste/audit/" + Hexadecimal.text(Array(digest.prefix(4)))
        } catch {
            throw AuditFileError(error.message)
        }
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
