import Synchronization
import Tenancy

/// Does what the state asks of the database, and posts the answers; holds the connections, never a row.
final class EffectRunner: Sendable {
    /// A context's token and the session that is open with it, if one is.
    private struct Held: Sendable {
        var token: ContextToken
        var session: TenantSession?
        let turns = Turns()
    }

    private struct World: Sendable {
        var client: TenancyClient?
        /// Ends whatever expires, for as long as the control connection lasts.
        var sweeping: Task<Void, Never>?
        /// Seals what the console sees come up.
        var sealer: Sealer?
        /// The proof that is being made.
        var proving: Task<Void, Never>?
        var held: [ContextID: Held] = [:]
        /// Contexts that were left while they were still being opened.
        var abandoned: Set<ContextID> = []
        /// The files of exports that run; nil once the export is to stop.
        var exports: [RequestID: PartialFile?] = [:]
    }

    let mailbox: Mailbox
    let prove: ConsoleOptions.Prove
    private let connect: ConsoleOptions.Connect
    private let world = Mutex(World())

    init(
        mailbox: Mailbox, connect: @escaping ConsoleOptions.Connect, prove: @escaping ConsoleOptions.Prove
    ) {
        self.mailbox = mailbox
        self.connect = connect
        self.prove = prove
    }

    /// Starts a request over the control connection, and returns at once.
    func run(_ request: ControlRequest) {
        switch request {
        case .cancel: world.withLock { $0.client }?.cancel()
        case .prove(let id, let urlID): keep(proving(id, urlID))
        case .cancelProof: keep(nil)
        case .cancelExport(let id):
            stopExport(id)
            world.withLock { $0.client }?.cancel()
        case .link, .loadCompanies, .countCompanies, .suggestCompanies, .loadCompany, .loadActivity,
            .loadContexts,
            .endContexts, .watchRequests, .loadRequests, .loadRequest, .decide, .withdraw, .administer,
            .loadOperators, .loadControlTrail, .loadMigrations, .loadFleet, .sweep, .export:
            Task.detached { await self.perform(request) }
        }
    }

    /// Starts a request over the connection of a context, and returns at once.
    func run(_ request: TenantRequest, inside id: ContextID) {
        switch request {
        case .cancel: session(id)?.cancel()
        case .cancelExport(let export):
            stopExport(export)
            session(id)?.cancel()
        case .open, .resume, .leave, .loadUsers, .countUsers, .loadJourneys, .loadOverview, .loadUser,
            .loadJourney, .loadAudit, .loadTrail, .loadValues, .watchAudit, .loadTables, .loadRows, .loadRow,
            .loadFrequency,
            .setUserStatus, .changeStep, .setValue,
            .showToken, .export:
            Task.detached { await self.perform(request, inside: id) }
        }
    }

    /// Leaves every context and closes every connection; waits no longer than `patience`.
    func shutDown(patience: Duration) async {
        let (client, sessions, proving) = world.withLock { world in
            defer { world = World() }
            world.sweeping?.cancel()
            world.sealer?.end()
            world.proving?.cancel()
            for file in world.exports.values { file?.discard() }
            return (world.client, world.held.values.compactMap(\.session), world.proving)
        }
        let closing = Task.detached {
            await withTaskGroup(of: Void.self) { group in
                for session in sessions { group.addTask { await session.leave() } }
                group.addTask { await client?.close() }
                // It removes what it made to attack from.
                group.addTask { await proving?.value }
            }
        }
        let timer = Task.detached {
            try? await Task.sleep(for: patience)
            for session in sessions { session.abandon() }
        }
        await closing.value
        timer.cancel()
    }

    /// Remembers the one proof that is being made, and stops the one before.
    private func keep(_ proving: Task<Void, Never>?) {
        world.withLock { world in
            world.proving?.cancel()
            world.proving = proving
        }
    }

    // MARK: The control connection

    func link(after delay: Milliseconds) async {
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        do {
            let mailbox = self.mailbox
            let client = try await connect { mailbox.post(.control(.linkLost($0))) }
            let identity = try await client.whoAmI()
            let before = world.withLock { world in
                defer { world.client = client }
                world.sweeping?.cancel()
                world.sweeping = Task.detached { try? await SweepWatch(client).run() }
                world.sealer?.end()
                world.sealer = identity.maySeal ? Sealer(client) : nil
                return world.client
            }
            await before?.close()
            mailbox.post(.control(.linked(identity)))
        } catch {
            mailbox.post(.control(.linkFailed(error)))
        }
    }

    func controlled<Value: Sendable>(
        _ body: (TenancyClient) async throws(TenancyError) -> Value
    ) async -> Result<Value, TenancyError> {
        do {
            return .success(try await body(try await client()))
        } catch {
            if error.code == .unreachable { mailbox.post(.control(.linkLost(error))) }
            return .failure(error)
        }
    }

    /// The control connection; waits a little for the first one.
    private func client() async throws(TenancyError) -> TenancyClient {
        for _ in 0..<400 {
            if let client = world.withLock({ $0.client }) { return client }
            try? await Task.sleep(for: .milliseconds(5))
        }
        throw TenancyError(.unreachable, "The database is not reachable.")
    }

    // MARK: Contexts

    /// What seals the records that come up, where this operator may.
    var sealer: Sealer? { world.withLock { $0.sealer } }

    func session(_ id: ContextID) -> TenantSession? {
        world.withLock { $0.held[id]?.session }
    }

    /// What came of asking for a context.
    private enum Opened: Sendable {
        case session(ContextToken, TenantSession)
        case pending(ApprovalRequest)
    }

    func open(_ id: ContextID, _ intent: ContextIntent) async {
        let result = await controlled { client throws(TenancyError) -> Opened in
            let token: ContextToken
            switch intent {
            case .access(let urlID): token = try await client.generateContextToken(for: urlID)
            case .impersonation(let wish):
                if let approval = wish.approval {
                    token = try await client.claim(approval)
                } else {
                    let answer = try await client.requestImpersonation(
                        of: wish.urlID, reason: wish.reason, ticket: wish.ticket, user: wish.user,
                        minutes: wish.minutes)
                    switch answer {
                    case .granted(let granted): token = granted
                    case .pending(let request): return .pending(request)
                    }
                }
            }
            return .session(token, try await client.enter(token, lost: self.onLoss(of: id)))
        }
        switch result {
        case .success(.session(let token, let session)):
            let isWanted = world.withLock { world in
                guard world.abandoned.remove(id) == nil else { return false }
                world.held[id] = Held(token: token, session: session)
                return true
            }
            guard isWanted else { return await session.leave() }
            mailbox.post(.inside(id, .opened(session.context, intent)))
        case .success(.pending(let request)):
            world.withLock { _ = $0.abandoned.remove(id) }
            mailbox.post(.inside(id, .pending(intent, request)))
        case .failure(let error):
            world.withLock { _ = $0.abandoned.remove(id) }
            mailbox.post(.inside(id, .refused(intent, error)))
        }
    }

    /// Enters again with the same token after the connection was lost; a refusal says that the context is over.
    func resume(_ id: ContextID, after delay: Milliseconds) async {
        if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
        guard let token = world.withLock({ $0.held[id]?.token }) else { return }
        do {
            let session = try await client().enter(token, lost: onLoss(of: id))
            let isWanted = world.withLock { world in
                guard world.held[id] != nil else { return false }
                world.held[id]?.session = session
                return true
            }
            guard isWanted else { return await session.leave() }
            mailbox.post(.inside(id, .resumed(session.context)))
        } catch {
            guard error.passesByItself else { return mailbox.post(.inside(id, .ended(error))) }
            if error.code == .unreachable {
                mailbox.post(.control(.linkLost(error)))
            } else {
                mailbox.post(.terminal(.noticed("The context waits: \(error.sentence)")))
            }
            mailbox.post(.inside(id, .interrupted))
        }
    }

    /// Notices that the server ended a context's connection, also while nothing is asked of it.
    private func onLoss(of id: ContextID) -> @Sendable (TenancyError) -> Void {
        { [weak self] _ in
            guard let self, let session = self.session(id) else { return }
            self.interrupt(id, session)
        }
    }

    func leave(_ id: ContextID) async {
        let session = world.withLock { world in
            if world.held[id] == nil { world.abandoned.insert(id) }
            return world.held.removeValue(forKey: id)?.session
        }
        await session?.leave()
    }

    /// Runs a request of a context; when its connection is gone, says so instead of answering.
    func inside<Value: Sendable>(
        _ id: ContextID, _ body: (TenantSession) async throws(TenancyError) -> Value,
        answer: (Result<Value, TenancyError>) -> TenantAnswer
    ) async {
        guard let session = session(id) else { return }
        let result: Result<Value, TenancyError>
        do {
            result = .success(try await inTurn(id) { _ throws(TenancyError) in try await body(session) })
        } catch  where [.unreachable, .contextEnded].contains(error.code) {
            return interrupt(id, session)
        } catch {
            result = .failure(error)
        }
        mailbox.post(.inside(id, answer(result)))
    }

    /// Asks a context's session when its connection is free.
    func inTurn<Value: Sendable>(
        _ id: ContextID, _ body: (TenantSession) async throws(TenancyError) -> Value
    ) async throws(TenancyError) -> Value {
        guard let turns = world.withLock({ $0.held[id]?.turns }) else { throw Self.left }
        return try await turns.take { () throws(TenancyError) in
            guard let session = session(id) else { throw Self.left }
            return try await body(session)
        }
    }

    private static let left = TenancyError(.contextEnded, "The context was left, or its connection is lost.")

    // MARK: Exports

    func begin(_ request: RequestID, _ file: PartialFile) throws(TenancyError) {
        let isWanted = world.withLock { world in
            guard world.exports[request] == nil else { return false }
            world.exports[request] = file
            return true
        }
        guard isWanted else { throw TenancyError(.cancelled, "The export was cancelled.") }
    }

    /// Throws once the export was cancelled.
    func requireWanted(_ request: RequestID) throws(TenancyError) {
        guard case .some(.some) = world.withLock({ $0.exports[request] }) else {
            throw TenancyError(.cancelled, "The export was cancelled.")
        }
    }

    private func stopExport(_ request: RequestID) {
        world.withLock { $0.exports[request] = .some(nil) }
    }

    func forgetExport(_ request: RequestID) {
        world.withLock { _ = $0.exports.removeValue(forKey: request) }
    }

    /// Notes that a context's connection is gone.
    func lose(_ id: ContextID) {
        if let session = session(id) { interrupt(id, session) }
    }

    /// Drops a lost session, once, whichever of its requests noticed first.
    private func interrupt(_ id: ContextID, _ session: TenantSession) {
        let isFirst = world.withLock { world in
            guard let held = world.held[id]?.session, held === session else { return false }
            world.held[id]?.session = nil
            return true
        }
        guard isFirst else { return }
        session.abandon()
        mailbox.post(.inside(id, .interrupted))
    }

    func showToken(_ id: ContextID) async {
        guard let held = world.withLock({ $0.held[id] }), held.session != nil else { return }
        do {
            try await inTurn(id) { session throws(TenancyError) in try await session.recordTokenShown() }
            mailbox.post(.inside(id, .tokenShown(held.token.token)))
        } catch {
            mailbox.post(.terminal(.noticed("The token stays masked: \(error.sentence)")))
        }
    }
}
