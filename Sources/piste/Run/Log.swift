import Glibc
import Host
import Logging
import Synchronization
import Terminal

/// The log: what piste did and what failed, by fixed names, codes and numbers; never a token or a tenant's data.
///
/// It lies at `log_file` of the configuration, `$XDG_STATE_HOME/piste/piste.log` without; `log_level` says how much.
enum Log {
    /// The levels, from the most to the least that is told.
    static let levels = ["debug", "info", "warning", "error", "off"]

    /// Notes an event.
    ///
    /// A file that cannot be written is no reason to fail: that is said once, before any screen opens.
    static func note(
        _ event: StaticString, _ level: Logger.Level = .info,
        _ fields: KeyValuePairs<StaticString, LogField> = [:]
    ) {
        guard let state, level >= state.level else { return }
        var metadata: Logger.Metadata = [:]
        for (name, field) in fields { if let text = field.text { metadata["\(name)"] = "\(text)" } }
        state.logger.log(level: level, "\(event)", metadata: metadata)
    }

    private struct State {
        let level: Logger.Level
        let logger: Logger
    }

    private static let state: State? = {
        guard let (path, level) = settings, let level = Logger.Level(rawValue: level) else { return nil }
        let file = LogFile(path)
        var logger = Logger(label: "piste") { _ in LogWriter(file: file, path: path) }
        logger.logLevel = level
        return State(level: level, logger: logger)
    }()

    /// The path that is used where nobody names one; nil where there is no home.
    static var standardPath: String? {
        Environment.directory("XDG_STATE_HOME", below: ".local/state").map { "\($0)/piste/piste.log" }
    }

    /// Path and level by the environment, the profile and the file; a configuration with a mistake is told elsewhere.
    private static var settings: (path: String, level: String)? {
        let configuration = try? Configuration.load()
        let arguments = CommandLine.arguments
        let flag = arguments.indices.lazy.compactMap { index in
            arguments[index] == "--profile"
                ? arguments.dropFirst(index + 1).first
                : arguments[index].hasPrefix("--profile=") ? String(arguments[index].dropFirst(10)) : nil
        }.first
        let profile = flag ?? Environment.value("PISTE_PROFILE") ?? configuration?.standardProfile?.value
        let section = profile.flatMap { try? configuration?.section(profile: $0) } ?? configuration?.common
        func text(_ setting: Setting) -> String? {
            Environment.value(setting.variable) ?? section?.values[setting]?.value.text
        }
        let level = text(.logLevel) ?? "info"
        guard levels.contains(level), level != "off", let path = text(.logFile) ?? standardPath else {
            return nil
        }
        return (path, level)
    }
}

/// Writes events as lines.
private struct LogWriter: LogHandler {
    let file: LogFile
    let path: String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    private static let hasComplained = Atomic(false)

    init(file: LogFile, path: String) {
        self.file = file
        self.path = path
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            .joined()
        guard !file.append("\(Moment.now) \(event.level) [\(getpid())] \(event.message)\(fields)\n"),
            !Self.hasComplained.exchange(true, ordering: .relaxed)
        else { return }
        // Afterwards a screen may be open, which this line would tear; it is the first event of every run.
        Narration.say(
            String(
                displaying:
                    "the log cannot be written: \(path); log_file names another, log_level = \"off\" none"))
    }
}
