import Signing
import Text

/// A text with signatures, as C2SP's signed-note specification describes it (c2sp.org/signed-note).
package struct SignedNote: Hashable, Sendable {
    /// One signature line, believed only once it is verified.
    struct Signature: Hashable, Sendable {
        let key: NoteKeyID
        let bytes: [UInt8]
    }

    /// The most bytes and signatures that a note has here.
    private static let (mostBytes, mostSignatures) = (1 << 16, 100)

    /// The text that the signatures cover, its last newline included.
    package let text: String
    let signatures: [Signature]

    /// Signs a text, which ends in a newline.
    package init(_ text: String, by signer: NoteSigner) throws(AuditFileError) {
        self.text = text
        signatures = [Signature(key: signer.verifier.id, bytes: try signer.signature(of: text))]
    }

    /// Reads a note; throws what is wrong with it, naming the line.
    package init(reading bytes: [UInt8]) throws(AuditFileError) {
        guard bytes.count <= Self.mostBytes else { throw AuditFileError("it is too long for a signed note") }
        guard let note = String(validating: bytes, as: UTF8.self) else {
            throw AuditFileError("it is not UTF-8")
        }
        var line = 1
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                line += 1
            } else if byte == UInt8(ascii: "\r") {
                throw AuditFileError(
                    line: line, "the line ends in CR LF: the file was converted, a note ends its lines in LF")
            } else if byte < 0x20 {
                throw AuditFileError(line: line, "it holds a control character")
            }
        }
        var lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast() == "" else { throw AuditFileError(line: line, "the last line does not end") }
        guard let blank = lines.lastIndex(of: "") else {
            throw AuditFileError("there is no empty line between a text and its signatures")
        }
        guard blank > 0 else { throw AuditFileError(line: 1, "the text is missing") }
        text = lines[..<blank].joined(separator: "\n") + "\n"
        let signed = lines[(blank + 1)...]
        guard (1...Self.mostSignatures).contains(signed.count) else {
            throw AuditFileError(
                line: blank + 1, "there should be from 1 to \(Self.mostSignatures) signatures")
        }
        var signatures: [Signature] = []
        for (offset, text) in signed.enumerated() {
            signatures.append(try Self.signature(text, line: blank + 2 + offset))
        }
        self.signatures = signatures
    }

    /// Reads `— name base64(key hash, signature)`.
    private static func signature(_ text: Substring, line: Int) throws(AuditFileError) -> Signature {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "—", NoteKeyID.isName(parts[1]),
            let bytes = Base64.bytes(parts[2]),
            bytes.count > 4
        else { throw AuditFileError(line: line, "this is not a signature: — name base64") }
        return Signature(
            key: NoteKeyID(name: String(parts[1]), hash: Array(bytes.prefix(4))),
            bytes: Array(bytes.dropFirst(4)))
    }

    /// The note as a file.
    package var file: String {
        text + "\n"
            + signatures.map { "— \($0.key.name) \(Base64.text($0.key.hash + $0.bytes))\n" }.joined()
    }

    /// The names of the keys that signed it, as it says.
    package var signers: String { signatures.map(\.key.description).joined(separator: ", ") }

    /// The keys whose signatures hold; signatures by unknown keys are passed over.
    ///
    /// - Returns: nil when a known key's signature is wrong, which spoils the whole note.
    package func verified(by verifiers: [NoteVerifier]) -> [NoteVerifier]? {
        var valid: [NoteVerifier] = []
        for signature in signatures {
            guard let verifier = verifiers.first(where: { $0.id == signature.key }) else { continue }
            guard Ed25519.isValid(signature.bytes, for: Array(text.utf8), by: verifier.publicKey) else {
                return nil
            }
            valid.append(verifier)
        }
        return valid
    }
}
