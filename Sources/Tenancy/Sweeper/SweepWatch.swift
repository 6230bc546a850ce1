/// Ends contexts at the moment they expire, for as long as its task runs.
///
/// It sleeps until the next expiry, which the engine tells, and is woken when an earlier one comes up; when nothing is
/// due and no patrol is asked for, it sleeps for good. One connection at a time may be watched by one of these.
package struct SweepWatch: Sendable {
    private let client: TenancyClient
    private let patrol: Duration?
    /// Expiries that follow each other closely share a sweep.
    private static let pause = Duration.milliseconds(900)
    private static let grace = Duration.milliseconds(20)

    /// - Parameter patrol: how long to sleep at most; a patrol also finds what nothing announces, such as a backend that
    ///   is gone or a membership that nothing accounts for, and seals what the trails have waiting.
    package init(_ client: TenancyClient, patrol: Duration? = nil) {
        self.client = client
        self.patrol = patrol
    }

    /// Sweeps until the task is cancelled.
    ///
    /// - Parameters:
    ///   - report: hears what each sweep had to do.
    ///   - failed: hears of a sweep that did not succeed; the next one is tried all the same.
    /// - Throws: `.unreachable` when the connection is lost.
    package func run(
        report: @escaping @Sendable ([SweepAction]) throws -> Void = { _ in },
        failed: @escaping @Sendable (TenancyError) -> Void = { _ in }
    ) async throws {
        try await client.hearOfExpiries()
        if patrol != nil { try await sweep(report, failed) }
        var lastSweep = ContinuousClock.now
        var lastPatrol = lastSweep
        var timer: Task<Void, any Error>?
        defer { timer?.cancel() }
        var strokes = client.bell.strokes.makeAsyncIterator()
        while !Task.isCancelled {
            let due = try await client.nextSweep()
            let now = ContinuousClock.now
            let isDue = due.map { $0 <= .zero } ?? false
            let patrolIn = patrol.map { $0 - (now - lastPatrol) }
            if isDue || patrolIn.map({ $0 <= .zero }) == true {
                let rest = Self.pause - (now - lastSweep)
                if rest > .zero { try await Task.sleep(for: rest) }
                lastSweep = .now
                lastPatrol = lastSweep
                try await sweep(report, failed)
                continue
            }
            timer?.cancel()
            timer = [due.map { $0 + Self.grace }, patrolIn].compactMap(\.self).min().map { wait in
                Task { [bell = client.bell] in
                    try await Task.sleep(for: wait)
                    bell.ring()
                }
            }
            guard await strokes.next() != nil else {
                try Task.checkCancellation()
                throw TenancyError(.unreachable, "The connection to the database was lost.")
            }
        }
    }

    private func sweep(
        _ report: ([SweepAction]) throws -> Void, _ failed: (TenancyError) -> Void
    ) async throws {
        let actions: [SweepAction]
        do {
            actions = try await client.sweep()
        } catch {
            guard error.code != .unreachable else { throw error }
            // Whoever is told to stop breaks off what it is doing: nothing failed.
            try Task.checkCancellation()
            return failed(error)
        }
        try report(actions)
        guard patrol != nil else { return }
        do {
            _ = try await client.seal()
        } catch {
            guard error.code != .unreachable else { throw error }
            try Task.checkCancellation()
            failed(error)
        }
    }
}
