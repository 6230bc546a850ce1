import Postgres

/// Somebody else, who works on with a stopwatch while somebody stands in the way.
///
/// All of a proof's connections have one login. So a bystander enters only where the holder has not begun to: who enters
/// takes a turn with the same login's other sessions, and with nobody else's.
struct Bystander: Sendable {
    /// What the engine promises to anybody who waits.
    static let patience = Duration.seconds(3)

    private let stage: ProbeStage
    private let inside: ProbeSession
    private let elsewhere: ProbeSession
    private let visitor: ProbeSession
    private let sweeper: ProbeSession

    /// Comes before the holder does.
    static func arrive(_ stage: ProbeStage) async throws -> Bystander {
        Bystander(
            stage: stage, inside: try await stage.entered(stage.token()),
            elsewhere: try await stage.entered(stage.token(stage.other.urlID)),
            visitor: try await stage.session(), sweeper: try await stage.session())
    }

    /// What somebody does, and how many rows it has to give at least.
    private struct Step {
        let name: String
        let session: ProbeSession
        let sql: String
        var parameters: [Parameter] = []
        var rows = 1
    }

    /// Reads, is let in, sweeps, suspends and resumes: "in time", or what took too long or went wrong first.
    ///
    /// Somebody sweeps meanwhile, as always should. A suspension ends whoever is in the company, this one too.
    func goesOn(entering: Bool) async -> ProbeAnswer {
        let sweeping = Task { [sweeper] in
            while !Task.isCancelled {
                _ = await sweeper.answer("SELECT * FROM piste.sweep()")
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        let answer = await work(entering)
        sweeping.cancel()
        await sweeping.value
        return answer
    }

    func close() async {
        for session in [inside, elsewhere, visitor, sweeper] { await session.close() }
    }

    private func work(_ entering: Bool) async -> ProbeAnswer {
        let own = [Parameter.text(stage.own.urlID)]
        for session in [inside, elsewhere] {
            if let problem = await reading(
                session, session.connection === inside.connection ? "" : " elsewhere")
            {
                return problem
            }
        }
        do {
            let ticket = try await timed("a ticket is made") { try await stage.ticket() }
            if let problem = await firstProblem([
                Step(name: "a ticket's transaction begins", session: visitor, sql: "BEGIN", rows: 0),
                Step(
                    name: "a ticket is used", session: visitor, sql: "SELECT * FROM piste.use($1::uuid)",
                    parameters: [.text(ticket)]),
                Step(
                    name: "a ticket reads", session: visitor, sql: "SELECT id FROM users",
                    rows: ProbeStage.users),
                Step(
                    name: "a ticket enqueues", session: visitor, sql: "SELECT piste.enqueue('probe.job')"),
                Step(name: "a ticket's transaction ends", session: visitor, sql: "COMMIT", rows: 0),
            ]) {
                return problem
            }
            let token = try await timed("a token is issued") { try await stage.token() }
            if entering {
                let entry = Step(
                    name: "somebody enters", session: visitor,
                    sql: "SELECT * FROM piste.enter($1, 'users.read', 'users')",
                    parameters: [.text(token.text)])
                if let problem = await firstProblem([
                    entry,
                    Step(
                        name: "who entered reads", session: visitor, sql: "SELECT id FROM users",
                        rows: ProbeStage.users),
                    Step(name: "who entered leaves", session: visitor, sql: "SELECT piste.leave()"),
                ]) {
                    return problem
                }
            }
        } catch let problem as Hindrance {
            return .heldUp(problem.words)
        } catch {
            return .heldUp("a token or a ticket: \((error as? PostgresError)?.description ?? "\(error)")")
        }
        let sweep = Step(name: "a sweep", session: visitor, sql: "SELECT * FROM piste.sweep()", rows: 0)
        if let problem = await firstProblem([sweep]) { return problem }
        let suspension = Step(
            name: "a suspension", session: stage.control, sql: "SELECT * FROM piste.suspend_company($1)",
            parameters: own)
        let resumption = Step(
            name: "a resumption", session: stage.control, sql: "SELECT * FROM piste.resume_company($1)",
            parameters: own)
        let problem = await firstProblem([suspension])
        // Whatever came of it, the company goes on.
        let after = await firstProblem([resumption])
        return problem ?? after ?? .inTime
    }

    private func reading(_ session: ProbeSession, _ place: String) async -> ProbeAnswer? {
        await firstProblem([
            Step(
                name: "a declaration\(place)", session: session,
                sql: "SELECT piste.declare('users.read', 'users')"),
            Step(
                name: "a read\(place)", session: session, sql: "SELECT id FROM users",
                rows: ProbeStage.users),
        ])
    }

    private func firstProblem(_ steps: [Step]) async -> ProbeAnswer? {
        for step in steps {
            let begun = ContinuousClock.now
            let answer = await step.session.answer(
                step.sql, step.parameters, deadline: Self.patience + .seconds(1))
            if let words = Self.late(step.name, since: begun) { return .heldUp(words) }
            guard case .rows(let count) = answer, count >= step.rows else {
                return .heldUp("\(step.name): \(answer)")
            }
        }
        return nil
    }

    private func timed<Value: Sendable>(
        _ name: String, _ work: () async throws -> Value
    ) async throws -> Value {
        let begun = ContinuousClock.now
        do {
            let value = try await work()
            if let words = Self.late(name, since: begun) { throw Hindrance(words: words) }
            return value
        } catch {
            throw Hindrance(words: Self.late(name, since: begun) ?? "\(name): \(error)")
        }
    }

    private struct Hindrance: Error {
        let words: String
    }

    /// How long something took; nil when that was not too long.
    static func late(_ name: String, since begun: ContinuousClock.Instant) -> String? {
        let waited = ContinuousClock.now - begun
        guard waited > patience else { return nil }
        return "\(name) took \(waited.components.seconds) s"
    }
}
