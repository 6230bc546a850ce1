internal import CLibcrypto

/// The hash that a signature is made over.
package enum Digest: Sendable {
    case sha256, sha384, sha512

    var algorithm: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}
