/// A connection to PostgreSQL on a thread of its own: no call blocks the caller's thread, statements run one
/// at a time in the order in which they were asked for.
///
/// Cancelling the calling task stops the statement in the server. A deadline counts from the call, the wait
/// for other statements included.
package final class Connection: Sendable {
    let thread: ConnectionThread

    private init(_ thread: ConnectionThread) {
        self.thread = thread
    }

    deinit {
        thread.close {}
    }

    /// Connects within the settings' `connect_timeout`, 10 seconds when they name none.
    ///
    /// The closures are called on the connection's thread. `lost` is called once, at the moment when the
    /// connection is found gone without having been closed: also while nothing runs.
    nonisolated(nonsending) package static func open(
        _ settings: ConnectionSettings,
        cancelGrace: Duration = .seconds(5),
        notices: @escaping @Sendable (Notice) -> Void = { _ in },
        notifications: @escaping @Sendable (Notification) -> Void = { _ in },
        lost: @escaping @Sendable (PostgresError) -> Void = { _ in }
    ) async throws(PostgresError) -> Connection {
        try await open(
            settings, cancelGrace: cancelGrace,
            ConnectionEvents(notice: notices, notification: notifications, lost: lost))
    }

    nonisolated(nonsending) static func open(
        _ settings: ConnectionSettings,
        cancelGrace: Duration,
        _ events: ConnectionEvents
    ) async throws(PostgresError) -> Connection {
        let thread = try ConnectionThread(settings, events: events, cancelGrace: cancelGrace)
        // The thread keeps the time by itself, except where looking up a name holds it.
        let limit = settings.timeLimit
        let clock = Task.detached {
            guard let limit, (try? await Task.sleep(for: limit + .milliseconds(500))) != nil else { return }
            let name = settings.displayName
            // On a busy machine the answer can be there before this task hears that it need not wait for it.
            let isFirst = thread.answerOpening(
                .failure(
                    PostgresError(
                        .unreachable, "no answer from \(name) within \(limit.components.seconds) seconds")))
            if isFirst { thread.abandon() }
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                thread.start { continuation.resume(returning: $0) }
            }
        } onCancel: {
            thread.abandon()
        }
        clock.cancel()
        try outcome.get()
        return Connection(thread)
    }

    /// Runs one statement; the answer is complete when it returns.
    @discardableResult
    nonisolated(nonsending) package func query(
        _ sql: String,
        _ parameters: [Parameter] = [],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        let list = try ParameterList(parameters)
        try Self.refuseNUL(sql)
        return try await perform(deadline: deadline) { link throws(PostgresError) in
            try link.execute(sql, list)
        }
    }

    /// Runs any number of statements without parameters, as one transaction unless they say otherwise.
    nonisolated(nonsending) package func run(
        script: String,
        deadline: Duration? = nil
    ) async throws(PostgresError) {
        try Self.refuseNUL(script)
        try await perform(deadline: deadline) { link throws(PostgresError) in try link.execute(script: script)
        }
    }

    /// Asks the server to stop the statement that runs; returns at once.
    package func cancel() {
        thread.cancelRunning()
    }

    /// Ends the connection at once, whatever the server does; what runs or waits throws `.connectionLost`.
    package func abandon() {
        thread.abandon()
    }

    /// Ends the connection after the statements that wait, and returns when its thread is done with it.
    ///
    /// An open transaction of the caller is rolled back.
    nonisolated(nonsending) package func close() async {
        // Inside a transaction there is nobody else to end it.
        if let turn = thread.heldTurn { thread.end(turn) }
        await withCheckedContinuation { continuation in
            thread.close { continuation.resume() }
        }
    }

    /// The server's process for this connection.
    package var backendPID: Int32 { thread.backendPID }

    /// For instance 150018 for 15.18.
    package var serverVersion: Int { thread.serverVersion }

    /// False as soon as the end of the connection is known: closed, abandoned, or lost.
    package var isAlive: Bool { thread.isAlive }

    static func refuseNUL(_ sql: String) throws(PostgresError) {
        guard sql.utf8.contains(0) else { return }
        throw PostgresError(.misuse, "the SQL text holds a NUL character")
    }
}
