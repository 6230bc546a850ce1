import Postgres

/// Connections of one service to one database, each lent to one request at a time.
///
/// It opens them when they are needed, lends in the order in which was asked, looks whether one still lives before it lends
/// it, and drops those that failed. There is no company in a connection that comes back: what a ticket opened has ended with
/// its transaction.
actor ConnectionPool {
    /// One that waits for a connection.
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Connection?, Never>
    }

    private struct Idle {
        let connection: Connection
        let since: ContinuousClock.Instant
    }

    private let settings: ConnectionSettings
    private let size: Int
    private var idle: [Idle] = []
    private var open = 0
    private var waiters: [Waiter] = []
    private var lastNumber = 0
    private var isClosed = false

    /// How long one may lie about before it is asked whether it lives.
    private static let freshness = Duration.seconds(15)

    init(_ settings: ConnectionSettings, size: Int) {
        self.settings = settings
        self.size = max(1, size)
    }

    /// Lends a connection; waits for one until the patience is over.
    ///
    /// - Throws: `deadlineExceeded` when none comes back in time, `unreachable` when none can be opened.
    func take(patience: Duration) async throws(TenancyError) -> Connection {
        let end = ContinuousClock.now + patience
        while true {
            guard !isClosed else { throw TenancyError(.unreachable, "The client is closed.") }
            if let kept = idle.popLast() {
                if await lives(kept) { return kept.connection }
                open -= 1
                await kept.connection.close()
            } else if open < size {
                return try await connect(within: end)
            } else if let handed = await wait(until: end) {
                return handed
            } else if Task.isCancelled {
                throw TenancyError(.cancelled, "The request was cancelled while it waited for a connection.")
            } else if ContinuousClock.now >= end {
                throw TenancyError(
                    .deadlineExceeded,
                    "All \(size) connections were in use for \(patience.components.seconds) seconds.")
            }
        }
    }

    /// Takes a connection back; one that is of no use any more makes room for another.
    func giveBack(_ connection: Connection, isSound: Bool) async {
        guard isSound, connection.isAlive, !isClosed else {
            open -= 1
            // Whoever waited longest opens the next one itself.
            if !waiters.isEmpty { waiters.removeFirst().continuation.resume(returning: nil) }
            await connection.close()
            return
        }
        if waiters.isEmpty {
            idle.append(Idle(connection: connection, since: .now))
        } else {
            waiters.removeFirst().continuation.resume(returning: connection)
        }
    }

    /// Closes what is idle; what is lent is closed when it comes back, and who waits is told.
    func close() async {
        isClosed = true
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
        waiters = []
        let closing = idle
        idle = []
        open -= closing.count
        for kept in closing { await kept.connection.close() }
    }

    private func connect(within end: ContinuousClock.Instant) async throws(TenancyError) -> Connection {
        open += 1
        do throws(PostgresError) {
            return try await Connection.open(settings.with(applicationName: "piste"))
        } catch {
            open -= 1
            if !waiters.isEmpty { waiters.removeFirst().continuation.resume(returning: nil) }
            throw TenancyError(error, inContext: false)
        }
    }

    /// Whether a connection is still there; one that was used just now is believed.
    private func lives(_ kept: Idle) async -> Bool {
        guard kept.connection.isAlive else { return false }
        guard ContinuousClock.now - kept.since > Self.freshness else { return true }
        return (try? await kept.connection.query("SELECT 1", deadline: .seconds(2))) != nil
    }

    /// The connection that was handed over; nil when it is time to look again, or over.
    private func wait(until end: ContinuousClock.Instant) async -> Connection? {
        lastNumber += 1
        let number = lastNumber
        let clock = Task {
            try? await Task.sleep(until: end, clock: .continuous)
            self.giveUp(number)
        }
        defer { clock.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: nil) }
                waiters.append(Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            Task { await self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return }
        waiters.remove(at: index).continuation.resume(returning: nil)
    }
}
