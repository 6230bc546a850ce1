private import Glibc

/// Tells when a theme's file was written, without ever looking: the kernel makes a descriptor readable that is polled.
package final class ThemeWatch {
    /// What to poll; nil where the kernel gives none.
    package let descriptor: Int32?
    private var watched: Set<String> = []

    package init() {
        let opened = inotify_init1(O_NONBLOCK | O_CLOEXEC)
        descriptor = opened >= 0 ? opened : nil
    }

    deinit { if let descriptor { close(descriptor) } }

    /// Watches these folders too, as far as they exist.
    package func add(_ folders: [String]) {
        guard let descriptor else { return }
        for folder in folders where !watched.contains(folder) {
            let mask = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
            if inotify_add_watch(descriptor, folder, mask) >= 0 { watched.insert(folder) }
        }
    }

    /// Whether a theme's file was written, or moved there, since the last call.
    package func takeChanges() -> Bool {
        guard let descriptor else { return false }
        var found = false
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            if Self.names(in: buffer.prefix(count)).contains(where: Self.isTheme) { found = true }
        }
        return found
    }

    private static func isTheme(_ name: String) -> Bool { name.hasSuffix(".toml") && !name.hasPrefix(".") }

    /// The names in the kernel's records: four numbers of four bytes each, the last of them the name's room.
    private static func names(in bytes: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        var rest = bytes
        while rest.count >= 16 {
            let start = rest.startIndex
            let room = (0..<4).reduce(0) { $0 | Int(rest[start + 12 + $1]) << (8 * $1) }
            let name = rest.dropFirst(16).prefix(room)
            names.append(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
            rest = rest.dropFirst(16 + room)
        }
        return names
    }
}
