import CLibpq
import Glibc

extension Link {
    /// Connects within the time limit, hearing meanwhile whether anybody still wants the connection.
    ///
    /// A password that libpq finds nowhere is asked for, where there is somebody to ask. Only that and the look-up of
    /// a host's name can block in here.
    static func connect(
        _ settings: ConnectionSettings,
        wakeDescriptor: Int32,
        isUnwanted: () -> Bool
    ) throws(PostgresError) -> OpaquePointer {
        do {
            return try attempt(settings, Passwords.typed(for: settings), wakeDescriptor, isUnwanted)
        } catch {
            guard error.lacksPassword, let password = Passwords.asked(for: settings) else { throw error }
            return try attempt(settings, password, wakeDescriptor, isUnwanted)
        }
    }

    /// One attempt with a password that was typed, where one was; a wrong one is forgotten.
    private static func attempt(
        _ settings: ConnectionSettings, _ typed: String?, _ wakeDescriptor: Int32, _ isUnwanted: () -> Bool
    ) throws(PostgresError) -> OpaquePointer {
        do {
            return try attempt(settings.with(password: typed), wakeDescriptor, isUnwanted)
        } catch {
            if typed != nil, error.sqlState == "28P01" { Passwords.forget(settings) }
            throw error
        }
    }

    private static func attempt(
        _ settings: ConnectionSettings, _ wakeDescriptor: Int32, _ isUnwanted: () -> Bool
    ) throws(PostgresError) -> OpaquePointer {
        try settings.validate()
        let limit = settings.timeLimit
        let end = limit.map { ContinuousClock.now.advanced(by: $0) }
        guard let raw = start(settings.keywords) else {
            throw PostgresError(.unreachable, "no memory for a connection")
        }
        do throws(PostgresError) {
            PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
            // libpq would print what the server notes now to stderr, in the middle of a screen.
            PQsetNoticeReceiver(raw, { _, _ in }, nil)
            guard PQstatus(raw) != CONNECTION_BAD else { throw refusal(raw) }
            var interest = Int16(POLLOUT)
            while true {
                try wait(raw, for: interest, wakeDescriptor, until: end, isUnwanted)
                switch PQconnectPoll(raw) {
                case PGRES_POLLING_OK: return raw
                case PGRES_POLLING_READING: interest = Int16(POLLIN)
                case PGRES_POLLING_WRITING: interest = Int16(POLLOUT)
                default: throw refusal(raw)
                }
            }
        } catch {
            PQfinish(raw)
            guard error.code == .deadlineExceeded, let limit else { throw error }
            throw PostgresError(
                .unreachable,
                "no answer from \(settings.displayName) within \(limit.components.seconds) seconds",
            )
        }
    }

    private static func start(_ keywords: [(String, String)]) -> OpaquePointer? {
        var names = keywords.map { strdup($0.0) }
        var values = keywords.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        names.append(nil)
        values.append(nil)
        return PQconnectStartParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 1)
    }

    private static func wait(
        _ raw: OpaquePointer,
        for interest: Int16,
        _ wakeDescriptor: Int32,
        until end: ContinuousClock.Instant?,
        _ isUnwanted: () -> Bool
    ) throws(PostgresError) {
        while true {
            if isUnwanted() { throw PostgresError(.cancelled, "the connection is no longer wanted") }
            if let end, ContinuousClock.now >= end { throw PostgresError(.deadlineExceeded, "") }
            var waiting = [
                pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: PQsocket(raw), events: interest, revents: 0),
            ]
            if poll(&waiting, 2, milliseconds(until: end)) > 0, waiting[1].revents != 0 { return }
        }
    }

    private static func refusal(_ raw: OpaquePointer) -> PostgresError {
        PostgresError(
            refusedConnection: PQerrorMessage(raw).map { String(cString: $0) } ?? "",
            needsPassword: PQconnectionNeedsPassword(raw) == 1,
        )
    }
}
