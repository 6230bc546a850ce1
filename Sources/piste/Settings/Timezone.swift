import Glibc

/// The zone in which times are shown to people.
enum Timezone {
    /// Where the system keeps the zones that it knows.
    static let folder = "/usr/share/zoneinfo"

    /// Whether the system knows a zone of this name; it would take any other one for UTC without a word.
    static func isKnown(_ name: String) -> Bool {
        if name == "UTC" { return true }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.first != "."
                && part.utf8.allSatisfy { byte in
                    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || "_+-".utf8.contains(byte)
                }
        }
        var status = stat()
        return isName && stat("\(folder)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Shows times in this zone from now on, whatever the machine's own is.
    static func use(_ name: String) {
        setenv("TZ", name, 1)
        tzset()
    }
}
