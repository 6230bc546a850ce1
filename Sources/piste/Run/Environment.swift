import Glibc

/// The process's environment.
enum Environment {
    /// The variable's value; nil when it is unset or empty.
    static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// All of them by name.
    static var all: [String: String] {
        var values: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1)
            if let name = parts.first { values[String(name)] = parts.count > 1 ? String(parts[1]) : "" }
            next += 1
        }
        return values
    }

    /// A directory of the XDG specification: the variable's when it is absolute, else below the home directory.
    static func directory(_ variable: String, below home: String) -> String? {
        if let directory = value(variable), directory.hasPrefix("/") { return directory }
        return value("HOME").flatMap { $0.hasPrefix("/") ? "\($0)/\(home)" : nil }
    }
}
