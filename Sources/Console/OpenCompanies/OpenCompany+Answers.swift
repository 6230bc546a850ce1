import Tenancy
import Terminal

extension OpenCompany {
    /// Takes in what came from one of its contexts.
    ///
    /// An answer for a context that was left, or that ended, finds nothing here: that is isolation as well.
    ///
    /// - Parameter isOnScreen: whether somebody looks at it; else it is not read again before somebody does.
    mutating func take(
        _ answer: TenantAnswer, inside id: ContextID, isOnScreen: Bool, _ shell: inout Shell
    ) -> [Effect] {
        switch answer {
        case .interrupted: return interrupt(id)
        case .resumed(let open): return resume(id, open, isOnScreen: isOnScreen, &shell)
        case .ended(let error): return end(id, error, at: shell.now)
        case .changed(let said, let result): return takeChange(id, said, result, &shell)
        case .exportProgressed(let request, let rows):
            if accepts(id) { context.export?.note(rows, of: request) }
            return []
        case .exportEnded(let request, let end):
            if context.id == id, context.export?.request == request { context.export = nil }
            notice = end.notice
            return []
        // Those are about a context that is no company's yet, and about what lies over the screen.
        case .opened, .refused, .pending, .tokenShown: return []
        case .usersLoaded, .usersCounted, .journeysLoaded, .overviewLoaded, .userLoaded, .journeyLoaded,
            .auditLoaded, .trailLoaded, .valuesLoaded, .auditGrew, .auditUnwatched, .tablesLoaded,
            .rowsLoaded,
            .rowLoaded, .frequencyLoaded:
            return accepts(id) ? takeRows(answer, isOnScreen: isOnScreen, &shell) : []
        }
    }

    /// Whether rows of a context may be shown in it.
    func accepts(_ id: ContextID) -> Bool { context.id == id && context.ended == nil }

    private mutating func takeRows(
        _ answer: TenantAnswer, isOnScreen: Bool, _ shell: inout Shell
    ) -> [Effect] {
        switch answer {
        case .usersLoaded(let request, let place, let result):
            guard context.users.pending?.request == request else { return [] }
            take(result, at: place, into: \.users, "The selected user is gone from this list.", shell)
            return context.users.takeQueued().map { loadUsers($0, &shell) } ?? []
        case .usersCounted(let count): context.users.total = count
        case .journeysLoaded(let request, let place, let result):
            guard context.journeys.pending?.request == request else { return [] }
            take(result, at: place, into: \.journeys, "The selected journey is gone from this list.", shell)
            return context.journeys.takeQueued().map { loadJourneys($0, &shell) } ?? []
        case .overviewLoaded(let request, let result): takeOverview(request, result, shell)
        case .userLoaded(let request, let result): takeUser(request, result)
        case .journeyLoaded(let request, let result): takeJourney(request, result)
        case .auditLoaded(let request, let result): return takeAudit(request, result, &shell)
        case .trailLoaded(let request, let place, let result):
            return takeTrail(request, place, result, &shell)
        case .valuesLoaded(let record, let result):
            switch result {
            case .success(let text):
                context.audit.values[record] = text ?? "erased, or of columns that are not to be read here"
            case .failure(let error): report(error)
            }
        case .auditGrew(let entry): return grow(entry, isOnScreen: isOnScreen, &shell)
        case .auditUnwatched:
            context.audit.isWatched = false
            context.audit.isDeaf = true
        case .tablesLoaded, .rowsLoaded, .rowLoaded: return hand(answer, &shell)
        // It lies over the screen.
        case .frequencyLoaded: break
        case .opened, .refused, .pending, .interrupted, .resumed, .ended, .changed, .exportProgressed,
            .exportEnded, .tokenShown:
            break
        }
        return []
    }

    /// Takes a page into one of its lists.
    private mutating func take<Row: Anchored>(
        _ result: Result<Page<Row>, TenancyError>, at place: PageRequest<Row.Anchor>.Place,
        into list: WritableKeyPath<ContextState, ListState<Row>>, _ gone: DisplayText, _ shell: Shell
    ) {
        switch result {
        case .success(let page):
            if context[keyPath: list].accept(page, at: place, height: shell.listRows) { say(gone, .warning) }
        case .failure(let error):
            if !context[keyPath: list].isOvertaken(error) { report(error) }
            context[keyPath: list].fail(error.sentence)
        }
    }

    private mutating func takeOverview(
        _ request: RequestID, _ result: Result<Overview, TenancyError>, _ shell: Shell
    ) {
        guard context.overview.pending == request else { return }
        context.overview.pending = nil
        switch result {
        case .success(let figures):
            context.overview.figures = figures
            context.overview.readAt = context.serverNow(at: shell.now)
            context.overview.failure = nil
        case .failure(let error):
            context.overview.failure = error.sentence
            report(error)
        }
    }

    private mutating func takeUser(_ request: RequestID, _ result: Result<UserDetail?, TenancyError>) {
        for (index, place) in context.path.enumerated() {
            guard case .user(var user) = place, user.pending == request else { continue }
            user.pending = nil
            switch result {
            case .success(let detail?): user.take(detail)
            case .success(nil): user.isMissing = true
            case .failure(let error):
                user.failure = error.sentence
                report(error)
            }
            context.path[index] = .user(user)
        }
    }

    private mutating func takeJourney(_ request: RequestID, _ result: Result<JourneyDetail?, TenancyError>) {
        for (index, place) in context.path.enumerated() {
            guard case .journey(var journey) = place, journey.pending == request else { continue }
            journey.pending = nil
            switch result {
            case .success(let detail?): journey.take(detail)
            case .success(nil): journey.isMissing = true
            case .failure(let error):
                journey.failure = error.sentence
                report(error)
            }
            context.path[index] = .journey(journey)
        }
    }

    // MARK: The trail

    /// An announcement is a hint: the trail is read for it when somebody looks, and one read at a time.
    private mutating func grow(_ entry: Int64, isOnScreen: Bool, _ shell: inout Shell) -> [Effect] {
        let audit = context.audit
        guard isOnScreen else {
            context.audit.newest = max(entry, audit.newest)
            return []
        }
        guard entry > audit.newest || audit.records.contains(where: { !$0.isSealed }) else { return [] }
        context.audit.newest = max(entry, audit.newest)
        return audit.isPaused ? [] : loadAudit(&shell)
    }

    private mutating func takeAudit(
        _ request: RequestID, _ result: Result<[AuditRecord], TenancyError>, _ shell: inout Shell
    ) -> [Effect] {
        guard context.audit.pending == request else { return [] }
        context.audit.pending = nil
        switch result {
        case .success(let records):
            var effects: [Effect] = []
            let isWhole = context.audit.accept(records, height: shell.listRows)
            let trail = context.audit.trail
            if !isWhole, trail.isLoaded, !trail.hasEarlier {
                effects += loadTrail(trail.placeOfWindow, &shell)
            }
            guard !context.audit.isPaused, context.audit.isBehind else { return effects }
            return effects + loadAudit(&shell)
        case .failure(let error):
            context.audit.failure = error.sentence
            report(error)
            return []
        }
    }

    private mutating func takeTrail(
        _ request: RequestID, _ place: PageRequest<Int64>.Place,
        _ result: Result<Page<AuditRecord>, TenancyError>,
        _ shell: inout Shell
    ) -> [Effect] {
        guard context.audit.trail.pending?.request == request else { return [] }
        switch result {
        case .success(let page): context.audit.accept(page, at: place, height: shell.listRows)
        case .failure(let error):
            if !context.audit.trail.isOvertaken(error) { report(error) }
            context.audit.trail.fail(error.sentence)
        }
        return context.audit.trail.takeQueued().map { loadTrail($0, &shell) } ?? []
    }

    // MARK: Changes

    private mutating func takeChange(
        _ id: ContextID, _ said: String, _ result: Result<Bool, TenancyError>, _ shell: inout Shell
    ) -> [Effect] {
        guard accepts(id) else {
            // Its end came first; what became of the change has still to be said.
            if case .failure(let error) = result, context.id == id { notice = .ofChange(error) }
            return []
        }
        context.isChanging = false
        switch result {
        case .success: say(DisplayText(said), .done)
        case .failure(let error) where error.code == .cancelled: report(error)
        case .failure(let error): notice = .ofChange(error)
        }
        return reload(&shell)
    }

    // MARK: The connection

    /// The connection of a context is lost; the same token is tried again.
    private mutating func interrupt(_ id: ContextID) -> [Effect] {
        func again(_ attempts: Int) -> [Effect] {
            [.inside(id, .resume(after: Backoff.delay(attempt: attempts + 1)))]
        }
        if let waiting = parked, waiting.id == id, waiting.ended == nil {
            parked?.interrupt()
            return again(waiting.attempts)
        }
        guard accepts(id) else { return [] }
        let attempts = context.attempts
        context.interrupt()
        return again(attempts)
    }

    private mutating func resume(
        _ id: ContextID, _ open: OpenContext, isOnScreen: Bool, _ shell: inout Shell
    ) -> [Effect] {
        if parked?.id == id, parked?.ended == nil { parked?.resume(open, at: shell.now) }
        guard accepts(id) else { return [] }
        context.resume(open, at: shell.now)
        guard isOnScreen else {
            isStale = true
            return []
        }
        // What became of a change that was on its way is worth more.
        if shell.notice?.kind != .failure { say("The connection is back, in the same context.", .done) }
        return reload(&shell)
    }

    private mutating func end(_ id: ContextID, _ error: TenancyError, at now: Milliseconds) -> [Effect] {
        if parked?.id == id {
            parked?.wipe(why: error.sentence, at: now)
            return [.inside(id, .leave)]
        }
        guard context.id == id else { return [] }
        context.wipe(why: error.sentence, at: now)
        return [.inside(id, .leave)]
    }

    // MARK: What it says

    private mutating func say(_ text: DisplayText, _ kind: Shell.Notice.Kind) {
        notice = Shell.Notice(kind: kind, text: text)
    }

    private mutating func report(_ error: TenancyError) { notice = .ofRead(error) }
}
