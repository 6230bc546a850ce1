import Signing
import Testing
import Text

/// libcrypto answers what the standards say.
struct CryptographyTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func hashesTheTextsOfFIPS180(text: String, expected: String) {
        #expect(Hexadecimal.text(SHA256.hash(text.utf8)) == expected)
        var piecemeal = SHA256()
        for byte in text.utf8 { piecemeal.update([byte]) }
        let halfway = piecemeal
        piecemeal.update([0])
        #expect(Hexadecimal.text(halfway.finished()) == expected)
        #expect(Hexadecimal.text(piecemeal.finished()) != expected)
    }

    @Test func signsTheSecondMessageOfRFC8032() throws {
        let seed = try #require(
            Hexadecimal.bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        let publicKey = try Ed25519.publicKey(of: seed)
        #expect(
            Hexadecimal.text(publicKey) == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        let signature = try Ed25519.sign([0x72], with: seed)
        #expect(
            Hexadecimal.text(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        #expect(Ed25519.isValid(signature, for: [0x72], by: publicKey))
        #expect(!Ed25519.isValid(signature, for: [0x73], by: publicKey))
        #expect(!Ed25519.isValid(Array(signature.dropLast()), for: [0x72], by: publicKey))
        #expect(!Ed25519.isValid(signature, for: [0x72], by: try Ed25519.publicKey(of: Ed25519.newSeed())))
        #expect(throws: SigningError.self) { try Ed25519.publicKey(of: [1, 2, 3]) }
    }
}
