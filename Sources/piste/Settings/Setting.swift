import Console

/// What the user can set by a flag, by a variable of the environment or in the configuration file.
enum Setting: String, CaseIterable, Sendable {
    case database, theme, color
    case readOnly = "read_only"
    case idleLock = "idle_lock"
    case mouse, ascii, keys, timezone
    case logFile = "log_file"
    case logLevel = "log_level"

    /// The variable that wins over the file.
    var variable: String {
        self == .database ? "PISTE_DATABASE_URL" : "PISTE_" + rawValue.uppercased()
    }

    /// The flag that wins over both; nil where there is none.
    var flag: String? {
        switch self {
        case .database, .theme, .color, .mouse, .ascii: "--\(rawValue)"
        case .readOnly: "--read-only"
        case .idleLock: "--idle-lock"
        case .keys, .timezone, .logFile, .logLevel: nil
        }
    }

    /// A line as it would be right.
    var example: String {
        switch self {
        case .database: "database = \"postgresql://host/name\""
        case .theme: "theme = \"nord\""
        case .color:
            "color = \"256\"; there are \(ColorMode.allCases.map(\.rawValue).joined(separator: ", "))"
        case .readOnly, .mouse, .ascii: "\(rawValue) = true"
        case .idleLock: "idle_lock = 10, in minutes, or 0 for never"
        case .timezone: "timezone = \"Europe/Zurich\", a name below \(Timezone.folder), or \"UTC\""
        case .logFile: "log_file = \"/var/log/piste.log\", an absolute path"
        case .logLevel: "log_level = \"info\"; there are \(Log.levels.joined(separator: ", "))"
        case .keys: "keys = \"emacs\"; there are \(Keymap.presets.joined(separator: ", "))"
        }
    }
}

/// The value of a setting.
enum SettingValue: Hashable, Sendable {
    case text(String)
    case truth(Bool)
    case minutes(Int)

    /// Reads a variable's text; nil for what the setting cannot be.
    init?(_ text: String, for setting: Setting) {
        switch setting {
        case .readOnly, .mouse, .ascii:
            switch text.lowercased() {
            case "1", "true", "yes", "on": self = .truth(true)
            case "0", "false", "no", "off": self = .truth(false)
            default: return nil
            }
        case .idleLock:
            guard let minutes = Int(text) else { return nil }
            self = .minutes(minutes)
        case .database, .theme, .color, .keys, .timezone, .logFile, .logLevel: self = .text(text)
        }
        guard fits(setting) else { return nil }
    }

    /// Whether the setting can be this.
    func fits(_ setting: Setting) -> Bool {
        switch (setting, self) {
        case (.readOnly, .truth), (.mouse, .truth), (.ascii, .truth): true
        case (.idleLock, .minutes(let minutes)): (0...24 * 60).contains(minutes)
        case (.color, .text(let text)): ColorMode(rawValue: text) != nil
        case (.logFile, .text(let text)): text.hasPrefix("/")
        case (.logLevel, .text(let text)): Log.levels.contains(text)
        case (.keys, .text(let text)): Keymap.presets.contains(text)
        case (.timezone, .text(let text)): Timezone.isKnown(text)
        case (.database, .text(let text)), (.theme, .text(let text)): !text.isEmpty
        default: false
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var truth: Bool? { if case .truth(let truth) = self { truth } else { nil } }
    var minutes: Int? { if case .minutes(let minutes) = self { minutes } else { nil } }
}

/// Where a value comes from.
enum Origin: Hashable, Sendable {
    case flag(String)
    case variable(String)
    /// A file, and the line in it.
    case file(String)
    case standard

    var words: String {
        switch self {
        case .flag(let flag): flag
        case .variable(let name): name
        case .file(let place): place
        case .standard: "as shipped"
        }
    }
}

/// A value with where it comes from.
struct Sourced<Value: Sendable>: Sendable {
    var value: Value
    var origin: Origin
}
