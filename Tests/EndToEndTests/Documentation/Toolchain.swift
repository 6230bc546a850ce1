import Foundation
import TestSupport

/// The compiler that built these tests, and where it left the modules.
enum Toolchain {
    static let compiler: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { $0 + "/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The package's modules, and the C libraries' module maps that they name.
    static var moduleFolders: [String] {
        [BuiltBinary.folder + "/Modules"]
            + ["CLibpq", "CLibcrypto"].map { Pages.package + "/Sources/\($0)" }
            + ["/usr/include/postgresql"]
    }
}
