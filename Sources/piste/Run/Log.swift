import Glibc
import Logging
import Synchronization

/// The log file, `$XDG_STATE_HOME/piste/piste.log`: what piste did and what failed, never a token or a tenant's data.
enum Log {
    /// A logger that writes into the file; the file is opened with the first line.
    static let logger: Logger = {
        var logger = Logger(label: "piste") { _ in FileLogHandler() }
        logger.logLevel = Environment.value("PISTE_LOG_LEVEL").flatMap { Logger.Level(rawValue: $0) } ?? .info
        return logger
    }()

    static var path: String? {
        Environment.directory("XDG_STATE_HOME", below: ".local/state").map { "\($0)/piste/piste.log" }
    }
}

/// Appends lines to the log file; a file that cannot be written is no reason to fail.
private struct FileLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let rest = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        LogFile.shared.append("\(Moment.now) \(event.level) [\(getpid())] \(event.message)\(rest)\n")
    }
}

/// The open file.
private final class LogFile: Sendable {
    static let shared = LogFile()

    private let descriptor = Mutex<Int32?>(nil)

    func append(_ line: String) {
        descriptor.withLock { descriptor in
            let file = descriptor ?? Self.open()
            descriptor = file
            _ = Array(line.utf8).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        }
    }

    private static func open() -> Int32 {
        guard let path = Log.path else { return -1 }
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += "/" + part
            mkdir(parent, 0o700)
        }
        return Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    }
}
