internal import CLibcrypto

/// A SHA-256 that takes its input piece by piece, and can be copied half-way.
package struct SHA256: Sendable {
    /// The number of bytes of a hash.
    package static let byteCount = 32

    private var state = SHA256_CTX()

    package init() {
        SHA256_Init(&state)
    }

    /// The hash of a text or of bytes that are at hand as a whole.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finished()
    }

    /// Adds to what is hashed.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { update($0) }
        if isDone == nil { Array(bytes).withUnsafeBufferPointer { update($0) } }
    }

    /// Adds to what is hashed.
    package mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        SHA256_Update(&state, bytes.baseAddress, bytes.count)
    }

    /// The hash of everything so far; more can be added afterwards.
    package func finished() -> [UInt8] {
        var state = state
        return [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            SHA256_Final(buffer.baseAddress, &state)
            count = Self.byteCount
        }
    }
}
