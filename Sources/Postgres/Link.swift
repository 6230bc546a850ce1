import CLibpq
import Glibc

/// One libpq connection, non-blocking, confined to its thread: every wait is a `poll` that also hears the
/// rest of the process.
final class Link {
    private(set) var raw: OpaquePointer
    private let events: ConnectionEvents
    /// The pipe that wakes the thread, and what to do when it did.
    private let wakeDescriptor: Int32
    private let oversee: () -> Oversight
    private let wakeUp: @Sendable () -> Void
    private let lost: (PostgresError) -> Void
    private var canceller: CancelRequest?
    private var patience: Patience
    /// Why the connection is gone; the server's farewell when there was one.
    private(set) var loss: PostgresError?
    private var farewell: PostgresError?

    init(
        raw: OpaquePointer,
        events: ConnectionEvents,
        wakeDescriptor: Int32,
        cancelGrace: Duration,
        oversee: @escaping () -> Oversight,
        wakeUp: @escaping @Sendable () -> Void,
        lost: @escaping (PostgresError) -> Void
    ) {
        self.raw = raw
        self.events = events
        self.wakeDescriptor = wakeDescriptor
        self.oversee = oversee
        self.wakeUp = wakeUp
        self.lost = lost
        patience = Patience(grace: cancelGrace)
    }

    deinit {
        PQfinish(raw)
    }

    var socket: Int32 { PQsocket(raw) }
    var isInTransaction: Bool { [PQTRANS_INTRANS, PQTRANS_INERROR].contains(PQtransactionStatus(raw)) }
    var isInFailedTransaction: Bool { PQtransactionStatus(raw) == PQTRANS_INERROR }

    // MARK: Waiting

    /// Runs `work` under a deadline; a cancel request that is still under way at the end is waited for.
    func perform<Value>(
        until deadline: ContinuousClock.Instant?,
        _ work: (Link) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        patience.begin(deadline: deadline)
        defer { settle() }
        if let loss { throw loss }
        do {
            return try work(self)
        } catch {
            throw patience.explain(error)
        }
    }

    /// Waits until the socket can be read or, with POLLOUT, written; the deadline and cancelling happen in
    /// here.
    func wait(for interest: Int32) -> Int32 {
        while true {
            let oversight = oversee()
            let step = patience.step(isCancelRequested: oversight.isCancelRequested)
            if step.sendsCancel { requestCancel() }
            if step.givesUp || oversight.isAbandoned { shutdown(socket, Int32(SHUT_RDWR)) }
            let ready = poll(interest, until: [step.wakeAt, oversight.nextDeadline])
            if ready != 0 { return ready }
        }
    }

    /// Tells whether the statement that runs should end now, for loops that do not wait.
    var isToldToStop: Bool {
        patience.step(isCancelRequested: oversee().isCancelRequested).hasReason
    }

    /// Asks the server to stop the statement that runs.
    func requestCancel() {
        canceller?.send(done: wakeUp)
    }

    /// Sleeps until the thread is woken or the time has come, and takes what the server sends meanwhile.
    func idle(until moment: ContinuousClock.Instant?) {
        guard loss == nil else {
            _ = poll(0, until: [moment])
            return
        }
        guard poll(POLLIN, until: [moment]) != 0 else { return }
        _ = PQconsumeInput(raw)
        deliverNotifications()
        if PQstatus(raw) == CONNECTION_BAD { lose() }
    }

    private func poll(_ interest: Int32, until moments: [ContinuousClock.Instant?]) -> Int32 {
        var waiting = [
            pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interest == 0 ? -1 : socket, events: Int16(interest), revents: 0),
        ]
        guard interest == 0 || socket >= 0 else { return POLLIN }
        let count = Glibc.poll(&waiting, 2, Self.milliseconds(until: moments.compactMap { $0 }.min()))
        guard count > 0 else { return 0 }
        return Int32(waiting[1].revents)
    }

    static func milliseconds(until moment: ContinuousClock.Instant?) -> Int32 {
        guard let moment else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: moment).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// Lets a cancel request end before anything else is sent: a late one would stop the wrong statement.
    private func settle() {
        guard let canceller, canceller.isInFlight else { return }
        let end = ContinuousClock.now.advanced(by: patience.grace)
        while canceller.isInFlight, ContinuousClock.now < end {
            _ = oversee()
            _ = poll(0, until: [end])
        }
        if canceller.isInFlight { lose("a cancel request is still under way") }
    }

    // MARK: Results

    /// Sends what libpq holds back, reading meanwhile so that a server that talks cannot block one that
    /// listens.
    func flush() {
        while PQflush(raw) == 1 {
            if wait(for: POLLIN | POLLOUT) & POLLIN != 0 { _ = PQconsumeInput(raw) }
        }
    }

    /// The next result of the statement that runs, nil after the last.
    func nextResult() -> OpaquePointer? {
        while PQisBusy(raw) == 1 {
            _ = wait(for: POLLIN)
            if PQconsumeInput(raw) == 0 { break }
        }
        return PQgetResult(raw)
    }

    /// The last result of the statement that runs, or the first error, after everything has been read.
    func collect() throws(PostgresError) -> Rows {
        var last: OpaquePointer?
        var failure: PostgresError?
        while let result = nextResult() {
            switch PQresultStatus(result) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                failure = failure ?? PostgresError(result: result, fallback: complaint)
                PQclear(result)
            case PGRES_COPY_IN:
                PQclear(result)
                failure = failure ?? PostgresError(.misuse, "COPY FROM STDIN needs copyIn")
                _ = PQputCopyEnd(raw, "COPY FROM STDIN needs copyIn")
                flush()
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                skipCopiedRows()
                failure = failure ?? PostgresError(.misuse, "COPY TO STDOUT needs copyOut")
            default:
                PQclear(last)
                last = result
            }
            if PQstatus(raw) == CONNECTION_BAD { break }
        }
        deliverNotifications()
        do throws(PostgresError) {
            try check(failure, isAnswered: last != nil)
        } catch {
            PQclear(last)
            throw error
        }
        guard let last else { throw failure ?? PostgresError(.misuse, "the statement is empty") }
        return Rows(QueryResult(taking: last))
    }

    /// Throws the failure, and remembers when the connection is gone with it.
    ///
    /// A server that says why it ends before it has answered has not carried the statement out; otherwise nobody knows.
    func check(_ failure: PostgresError?, isAnswered: Bool = false) throws(PostgresError) {
        if PQstatus(raw) == CONNECTION_BAD || failure?.code == .connectionLost {
            lose(failure)
        }
        if var error = loss {
            error.isOutcomeUnknown = isAnswered || failure?.sqlState == nil
            throw error
        }
        if let failure { throw failure }
    }

    /// Why libpq could not do what it was asked; the connection counts as lost when libpq says so.
    func failure() -> PostgresError {
        guard PQstatus(raw) == CONNECTION_BAD else { return PostgresError(.misuse, complaint) }
        lose()
        return loss ?? PostgresError(.connectionLost, complaint)
    }

    private var complaint: String {
        let text = PQerrorMessage(raw).map { String(cString: $0).trimmed } ?? ""
        return text.isEmpty ? "the connection failed" : text
    }

    func skipCopiedRows() {
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let length = PQgetCopyData(raw, &buffer, 1)
            PQfreemem(buffer)
            if length < 0 { return }
            if length == 0 {
                _ = wait(for: POLLIN)
                if PQconsumeInput(raw) == 0 { return }
            }
        }
    }

    func lose(_ reason: String) {
        lose(PostgresError(.connectionLost, reason))
    }

    /// Remembers the loss once, in the server's words when it said why.
    private func lose(_ failure: PostgresError? = nil) {
        guard loss == nil else { return }
        var error = farewell ?? failure ?? PostgresError(.connectionLost, complaint)
        if error.sqlState == nil, oversee().isAbandoned { error.message = "the connection was abandoned" }
        if patience.hasGivenUp { error.message = Patience.gaveUp }
        error.code = .connectionLost
        loss = error
        shutdown(socket, Int32(SHUT_RDWR))
        lost(error)
    }

    // MARK: Set-up and what the server says by itself

    /// Makes a connected libpq handle ready for work.
    func prepare() throws(PostgresError) {
        PQsetnonblocking(raw, 1)
        _ = PQsetErrorVerbosity(raw, PQERRORS_DEFAULT)
        canceller = CancelRequest(raw)
        listenForNotices()
        // Moments are read in ISO form; `PGDATESTYLE` or a role's setting may have chosen another.
        if let style = PQparameterStatus(raw, "DateStyle"), !String(cString: style).hasPrefix("ISO") {
            _ = try perform(until: nil) { link throws(PostgresError) in
                guard PQsendQuery(link.raw, "SET datestyle = ISO") == 1 else { throw link.failure() }
                link.flush()
                return try link.collect()
            }
        }
    }

    private func listenForNotices() {
        let receiver: PQnoticeReceiver = { context, result in
            guard let context, let result else { return }
            Unmanaged<Link>.fromOpaque(context).takeUnretainedValue().receive(notice: result)
        }
        PQsetNoticeReceiver(raw, receiver, Unmanaged.passUnretained(self).toOpaque())
    }

    private func receive(notice result: OpaquePointer) {
        let said = PostgresError(result: result, fallback: "")
        // An idle connection hears why it is ended as a notice.
        if said.severity == "FATAL" || said.severity == "PANIC" { farewell = said }
        guard !said.message.isEmpty else { return }
        events.notice(
            Notice(
                severity: said.severity ?? "NOTICE",
                message: said.message,
                sqlState: said.sqlState,
                detail: said.detail,
                hint: said.hint,
            ))
    }

    func deliverNotifications() {
        while let notification = PQnotifies(raw) {
            let said = notification.pointee
            events.notification(
                Notification(
                    channel: said.relname.map { String(cString: $0) } ?? "",
                    payload: said.extra.map { String(cString: $0) } ?? "",
                    sender: said.be_pid,
                ))
            PQfreemem(notification)
        }
    }
}
