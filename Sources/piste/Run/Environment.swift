import Glibc

/// The process's environment.
enum Environment {
    /// The variable's value; nil when it is unset or empty.
    static func value(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// A directory of the XDG specification: the variable's when it is absolute, else below the home directory.
    static func directory(_ variable: String, below home: String) -> String? {
        if let directory = value(variable), directory.hasPrefix("/") { return directory }
        return value("HOME").flatMap { $0.hasPrefix("/") ? "\($0)/\(home)" : nil }
    }
}
