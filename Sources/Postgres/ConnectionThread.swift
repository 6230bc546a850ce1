import CLibpq
import Glibc
import Host
import Synchronization

/// The thread that owns one connection, and the queue of what is to be done there, one statement at a time.
final class ConnectionThread: Sendable {
    private struct State {
        var queue: [Statement] = []
        var running: Statement?
        var turn: Turn?
        var opening: (@Sendable (Result<Void, PostgresError>) -> Void)?
        var closing: [@Sendable () -> Void] = []
        var isClosing = false
        var isAbandoned = false
        var isAsleep = false
        var isWakePending = false
        var backendPID: Int32 = 0
        var serverVersion: Int32 = 0
        /// Why nothing more can be done here; set before anybody hears of it.
        var end: PostgresError?
        /// The thread has let go of the connection.
        var isFinished = false
    }

    private enum Step {
        case run(Statement)
        case sleep(until: ContinuousClock.Instant?)
        case stop
    }

    private let state = Mutex(State())
    private let pipe: WakePipe
    private let settings: ConnectionSettings
    private let events: ConnectionEvents
    private let cancelGrace: Duration

    static let closed = PostgresError(.misuse, "the connection is closed")

    init(
        _ settings: ConnectionSettings,
        events: ConnectionEvents,
        cancelGrace: Duration
    ) throws(PostgresError) {
        self.settings = settings
        self.events = events
        self.cancelGrace = cancelGrace
        guard let pipe = WakePipe() else {
            throw PostgresError(.unreachable, "no pipe for a connection: \(String(cString: strerror(errno)))")
        }
        self.pipe = pipe
    }

    // MARK: Asked from any thread

    /// Begins to connect; `answer` is called exactly once.
    func start(_ answer: @escaping @Sendable (Result<Void, PostgresError>) -> Void) {
        let isWanted = state.withLock { state in
            guard !state.isAbandoned else { return false }
            state.opening = answer
            return true
        }
        guard isWanted else {
            answer(.failure(PostgresError(.cancelled, "the connection is no longer wanted")))
            return
        }
        if !DedicatedThread.run(named: "piste-postgres", { self.main() }) {
            answerOpening(
                .failure(PostgresError(.unreachable, "the system grants no thread for a connection")))
        }
    }

    /// Puts a statement into the queue, or refuses it at once.
    func enqueue(_ statement: Statement) {
        let refusal = state.withLock { state -> PostgresError? in
            if statement.ticket.isCancelled { return Self.cancelledInQueue }
            if let end = state.end { return end }
            if state.isClosing { return Self.closed }
            state.queue.append(statement)
            if state.isAsleep || statement.deadline != nil { wake(&state) }
            return nil
        }
        if let refusal { statement.refuse(refusal) }
    }

    /// Takes the statement out of the queue, or has the server stop it when it runs.
    func cancel(_ ticket: Statement.Ticket) {
        let waiting = state.withLock { state -> Statement? in
            ticket.cancel()
            if state.running?.ticket === ticket { wake(&state) }
            return state.queue.firstIndex { $0.ticket === ticket }.map { state.queue.remove(at: $0) }
        }
        waiting?.refuse(Self.cancelledInQueue)
    }

    /// Has the server stop the statement that runs; without one, nothing happens.
    func cancelRunning() {
        state.withLock { state in
            guard let running = state.running else { return }
            running.ticket.cancel()
            wake(&state)
        }
    }

    /// Ends the connection whatever it is doing.
    func abandon() {
        state.withLock { state in
            state.isAbandoned = true
            wake(&state)
        }
        answerOpening(.failure(PostgresError(.cancelled, "the connection is no longer wanted")))
    }

    /// Ends the connection after what is in the queue; `done` is called when thread and socket are given
    /// back.
    func close(done: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            guard !state.isFinished else { return true }
            state.isClosing = true
            state.closing.append(done)
            wake(&state)
            return false
        }
        if isOver { done() }
    }

    /// Calls `done` when the thread has let go of the connection, for whatever reason.
    func whenEnded(_ done: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isFinished { state.closing.append(done) }
            return state.isFinished
        }
        if isOver { done() }
    }

    func end(_ turn: Turn) {
        state.withLock { state in
            guard state.turn === turn else { return }
            state.turn = nil
            wake(&state)
        }
    }

    /// The transaction's turn that the current task holds on this connection.
    var heldTurn: Turn? {
        let held = Turn.held
        guard !held.isEmpty else { return nil }
        return state.withLock { state in held.first { $0 === state.turn } }
    }

    var backendPID: Int32 { state.withLock { $0.backendPID } }
    var serverVersion: Int { Int(state.withLock { $0.serverVersion }) }
    var isAlive: Bool { state.withLock { $0.end == nil && !$0.isAbandoned && !$0.isClosing } }

    /// Tells whoever opens the connection how that went; false when it was told before.
    @discardableResult
    func answerOpening(_ result: Result<Void, PostgresError>) -> Bool {
        let answer = state.withLock { state in
            defer { state.opening = nil }
            return state.opening
        }
        answer?(result)
        return answer != nil
    }

    // MARK: On the thread

    private func main() {
        finish(connectAndServe())
    }

    /// Gives why it ended; libpq's connection is closed by then.
    private func connectAndServe() -> PostgresError {
        do throws(PostgresError) {
            let link = try connect()
            answerOpening(.success(()))
            serve(link)
            return link.loss ?? Self.closed
        } catch {
            answerOpening(.failure(error))
            return error
        }
    }

    private func connect() throws(PostgresError) -> Link {
        let raw = try Link.connect(settings, wakeDescriptor: pipe.reading) { oversee().isAbandoned }
        let link = Link(
            raw: raw,
            events: events,
            wakeDescriptor: pipe.reading,
            cancelGrace: cancelGrace,
            oversee: { [unowned self] in oversee() },
            wakeUp: { [weak self] in self?.wakeUp() },
            lost: { [unowned self] in lose($0) },
        )
        try link.prepare()
        state.withLock { state in
            state.backendPID = PQbackendPID(raw)
            state.serverVersion = PQserverVersion(raw)
        }
        return link
    }

    private func serve(_ link: Link) {
        while link.loss == nil {
            switch next() {
            case .run(let statement):
                statement.run(link)
                let isRefusedTurn = statement.opens != nil && !link.isInTransaction
                state.withLock { state in
                    state.running = nil
                    if isRefusedTurn, state.turn === statement.opens { state.turn = nil }
                }
            case .sleep(let moment): link.idle(until: moment)
            case .stop: return
            }
        }
    }

    private func next() -> Step {
        _ = oversee()
        return state.withLock { state in
            state.isAsleep = false
            if state.isAbandoned { return .stop }
            let isDue = { (statement: Statement) in state.turn == nil || statement.turn === state.turn }
            if let index = state.queue.firstIndex(where: isDue) {
                let statement = state.queue.remove(at: index)
                state.running = statement
                if let turn = statement.opens { state.turn = turn }
                return .run(statement)
            }
            if state.isClosing, state.queue.isEmpty, state.turn == nil { return .stop }
            state.isAsleep = true
            return .sleep(until: state.queue.compactMap(\.deadline).min())
        }
    }

    /// Looks at what the rest of the process wants, and refuses what waited too long.
    private func oversee() -> Oversight {
        let now = ContinuousClock.now
        let (oversight, late) = state.withLock { state in
            if state.isWakePending {
                state.isWakePending = false
                pipe.drain()
            }
            var late: [Statement] = []
            if state.queue.contains(where: { $0.deadline != nil }) {
                late = state.queue.filter { $0.isLate(now) }
                state.queue.removeAll { $0.isLate(now) }
            }
            let oversight = Oversight(
                isCancelRequested: state.running?.ticket.isCancelled ?? false,
                isAbandoned: state.isAbandoned,
                nextDeadline: state.queue.compactMap(\.deadline).min(),
            )
            return (oversight, late)
        }
        for statement in late { statement.refuse(Self.lateInQueue) }
        return oversight
    }

    private func finish(_ reason: PostgresError) {
        let (queue, closing) = state.withLock { state in
            state.end = state.isAbandoned ? Self.abandoned : reason
            state.isFinished = true
            defer { (state.queue, state.closing) = ([], []) }
            return (state.queue, state.closing)
        }
        let end = state.withLock { $0.end } ?? reason
        for statement in queue { statement.refuse(end) }
        for done in closing { done() }
    }

    private func lose(_ error: PostgresError) {
        let isAbandoned = state.withLock { state in
            state.end = error
            return state.isAbandoned
        }
        if !isAbandoned { events.lost(error) }
    }

    private func wakeUp() {
        state.withLock { wake(&$0) }
    }

    private func wake(_ state: inout State) {
        guard !state.isWakePending else { return }
        state.isWakePending = true
        pipe.wake()
    }

    private static let abandoned = PostgresError(.connectionLost, "the connection was abandoned")
    private static let cancelledInQueue = PostgresError(
        .cancelled, "the statement was cancelled before it began")
    private static let lateInQueue =
        PostgresError(.deadlineExceeded, "the statement waited longer than it may and did not begin")
}

extension Statement {
    fileprivate func isLate(_ now: ContinuousClock.Instant) -> Bool {
        deadline.map { $0 <= now } ?? false
    }
}
