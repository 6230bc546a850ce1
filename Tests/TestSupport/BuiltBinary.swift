import Glibc

/// The programs that were built beside the tests.
package enum BuiltBinary {
    /// The `piste` executable.
    package static var path: String { folder + "/piste" }

    /// Where the test runner lies, and with it all that the package builds.
    package static var folder: String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
            return readlink("/proc/self/exe", start, bytes.count)
        }
        let program = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
    }
}
