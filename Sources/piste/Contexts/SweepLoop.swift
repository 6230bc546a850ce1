import Glibc
import Logging
import Synchronization
import Tenancy
import Terminal

/// Sweeps until a signal comes, over lost connections and restarts of the server.
struct SweepLoop: Sendable {
    let target: Target
    let patrol: Duration
    let figures: SweepFigures
    /// Whether the engine's figures are looked at as well.
    let looks: Bool
    let report: @Sendable ([SweepAction]) throws -> Void

    private static let firstWait = Duration.milliseconds(250)
    private static let longestWait = Duration.seconds(5)

    init(
        target: Target, patrol: Duration, figures: SweepFigures, looks: Bool,
        report: @escaping @Sendable ([SweepAction]) throws -> Void
    ) {
        self.target = target
        self.patrol = patrol
        self.figures = figures
        self.looks = looks
        self.report = report
    }

    /// Returns after SIGTERM, which is how a supervisor ends it; Ctrl-C is an interruption as everywhere.
    func run() throws {
        try waitFor {
            do {
                try await withThrowingTaskGroup { group in
                    if looks {
                        group.addTask {
                            do {
                                try await EngineLooks(target: target, figures: figures).run()
                            } catch {
                                throw CommandError(error, at: target.displayName) ?? error
                            }
                        }
                    }
                    group.addTask { try await connectAgainAndAgain() }
                    try await group.next()
                    group.cancelAll()
                }
            } catch  where Task.isCancelled {
                return
            }
        }
        if Interruption.shared.signal == SIGINT { throw CommandError(.interrupted, "interrupted") }
    }

    /// A server that is not there is waited for: whatever starts the sweeper may start the server after it.
    private func connectAgainAndAgain() async throws {
        var wasConnected = false
        var wait = Self.firstWait
        while true {
            do {
                let client = try await target.connect()
                if wasConnected || wait > Self.firstWait {
                    Narration.say(
                        String(
                            displaying: "connected to \(target.displayName)\(wasConnected ? " again" : "")"))
                }
                (wasConnected, wait) = (true, Self.firstWait)
                figures.connected(true)
                defer { figures.connected(false) }
                try await watch(client)
            } catch let error as TenancyError where error.code == .unreachable {
                try Task.checkCancellation()
                if wait == Self.firstWait {
                    Log.note(wasConnected ? "connection lost" : "no connection", .warning)
                    let what = wasConnected ? "lost" : "cannot reach"
                    let reason = error.description
                    let end = reason.last.map { ".?!".contains($0) } == true ? "" : "."
                    Narration.say(
                        String(displaying: "\(what) \(target.displayName): \(reason)\(end) Trying again."))
                }
                try await Task.sleep(for: wait)
                wait = min(wait * 2, Self.longestWait)
            } catch {
                throw CommandError(error, at: target.displayName) ?? error
            }
        }
    }

    private func watch(_ client: TenancyClient) async throws {
        let complaint = Complaint()
        do {
            try await SweepWatch(client, patrol: patrol).run { actions in
                complaint.withdraw()
                for (kind, some) in Dictionary(grouping: actions, by: \.kind) {
                    Log.note(
                        "swept", kind == "incident" ? .error : .info,
                        ["kind": .code(kind), "count": .count(some.count)])
                }
                figures.swept(actions)
                try report(actions)
            } failed: {
                figures.failed()
                Log.note("sweep failed", .error, ["sqlstate": .code($0.sqlState ?? "")])
                complaint.make("a sweep failed: \($0.description); the next one comes")
            }
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }
}

/// Says a thing once, and again only after something else was said or all was well.
private final class Complaint: Sendable {
    private let last = Mutex<String?>(nil)

    func make(_ text: String) {
        let isNew = last.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { Narration.say(String(displaying: text)) }
    }

    func withdraw() { last.withLock { $0 = nil } }
}
