import Signing
import Text

extension EngineScript {
    /// What an installation of this engine leaves in `engine_file`: each file's name and the SHA-256 of its text.
    package static var checksums: [String: String] {
        var checksums: [String: String] = [:]
        for file in allFiles { checksums[file.name] = Hexadecimal.text(SHA256.hash(file.sql.utf8)) }
        return checksums
    }

    /// One word for all of it: two programs with the same one install the same engine.
    package static var digest: String {
        let lines = checksums.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        return Hexadecimal.text(SHA256.hash(lines.joined().utf8))
    }
}
