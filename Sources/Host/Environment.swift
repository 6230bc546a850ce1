import Glibc

/// The process's environment.
package enum Environment {
    /// `NAME=value`, one each.
    package static var lines: [String] {
        var texts: [String] = []
        var next = environ
        while let text = next.pointee {
            texts.append(String(cString: text))
            next += 1
        }
        return texts
    }

    /// All of them by name.
    package static var all: [String: String] {
        var values: [String: String] = [:]
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            if let name = parts.first { values[String(name)] = parts.count > 1 ? String(parts[1]) : "" }
        }
        return values
    }

    /// The variable's value; nil when it is unset or empty.
    package static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// A directory of the XDG specification: the variable's when it is absolute, else below the home directory.
    package static func directory(_ variable: String, below home: String) -> String? {
        if let directory = value(variable), directory.hasPrefix("/") { return directory }
        return value("HOME").flatMap { $0.hasPrefix("/") ? "\($0)/\(home)" : nil }
    }

    /// The folders of PATH, the absolute ones.
    package static var searchPath: [String] {
        (value("PATH") ?? "/usr/bin:/bin").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// The first executable of that name in PATH or where the system keeps its administration tools.
    package static func program(_ name: String) -> String? {
        (searchPath + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]).lazy.map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }
}
