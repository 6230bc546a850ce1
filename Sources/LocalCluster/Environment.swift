import Glibc

/// The process's environment.
enum Environment {
    /// `NAME=value`, one each.
    static var all: [String] {
        var texts: [String] = []
        var next = environ
        while let text = next.pointee {
            texts.append(String(cString: text))
            next += 1
        }
        return texts
    }

    /// The variable's value; nil when it is unset or empty.
    static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The folders of PATH, the absolute ones.
    static var searchPath: [String] {
        (value("PATH") ?? "/usr/bin:/bin").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// The first executable of that name in PATH or where the system keeps its administration tools.
    static func program(_ name: String) -> String? {
        (searchPath + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).lazy.map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }
}
