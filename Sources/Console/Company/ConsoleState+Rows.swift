import Tenancy
import Terminal

extension ConsoleState {
    /// Takes rows in, if they are for the context on screen and somebody still waits for them.
    ///
    /// An answer for a company that was left, or for a context that ended, is dropped here: that is isolation as well.
    mutating func takeRows(_ action: Action) -> [Effect] {
        switch action {
        case .usersLoaded(let id, let request, let place, let result):
            guard accepts(id), context?.users.pending?.request == request else { return [] }
            let height = Layout(self).listRows
            switch result {
            case .success(let page):
                if context?.users.accept(page, at: place, height: height) == true {
                    say("The selected user is gone from this list.", .warning)
                }
            case .failure(let error):
                if context?.users.isOvertaken(error) != true { report(error) }
                context?.users.fail(error.sentence)
            }
            if let next = context?.users.takeQueued() { return loadUsers(next) }
            guard let wish = context?.users.takeWish(), context?.tab == .users, isAtLists else { return [] }
            return perform(wish)
        case .usersCounted(let id, let count):
            if accepts(id) { context?.users.count = count }
            return []
        case .journeysLoaded(let id, let request, let place, let result):
            guard accepts(id), context?.journeys.pending?.request == request else { return [] }
            let height = Layout(self).listRows
            switch result {
            case .success(let page):
                if context?.journeys.accept(page, at: place, height: height) == true {
                    say("The selected journey is gone from this list.", .warning)
                }
            case .failure(let error):
                if context?.journeys.isOvertaken(error) != true { report(error) }
                context?.journeys.fail(error.sentence)
            }
            if let next = context?.journeys.takeQueued() { return loadJourneys(next) }
            guard let wish = context?.journeys.takeWish(), context?.tab == .journeys, isAtLists else {
                return []
            }
            return perform(wish)
        case .overviewLoaded(let id, let request, let result):
            return takeOverview(id, request, result)
        case .userLoaded(let id, let request, let result):
            return takeUser(id, request, result)
        case .journeyLoaded(let id, let request, let result):
            return takeJourney(id, request, result)
        case .auditLoaded(let id, let request, let result):
            return takeAudit(id, request, result)
        case .trailLoaded(let id, let request, let place, let result):
            return takeTrail(id, request, place, result)
        case .auditGrew(let id, let entry):
            guard accepts(id), let audit = context?.audit,
                entry > audit.newest || audit.records.contains(where: { !$0.isSealed })
            else { return [] }
            context?.audit.newest = max(entry, audit.newest)
            return audit.isPaused ? [] : loadAudit()
        case .valuesLoaded(let id, let record, let result):
            takeValues(id, record: record, result)
            return []
        case .auditUnwatched(let id):
            guard accepts(id) else { return [] }
            context?.audit.isWatched = false
            context?.audit.isDeaf = true
            return []
        case .changed(let id, let said, let result):
            guard accepts(id) else {
                // Its end came first; what became of the change has still to be said.
                if case .failure(let error) = result, context?.id == id { sayNotChanged(error) }
                return []
            }
            context?.isChanging = false
            switch result {
            case .success: say(DisplayText(said))
            case .failure(let error) where error.code == .cancelled: report(error)
            case .failure(let error): sayNotChanged(error)
            }
            return reloadScreen()
        default:
            return []
        }
    }

    /// Whether the keys go to the lists of the company on screen.
    private var isAtLists: Bool { scope == .workspace && overlays.isEmpty }

    /// Whether an answer belongs to the context on screen.
    func accepts(_ id: ContextID) -> Bool {
        guard let context else { return false }
        return context.id == id && context.ended == nil
    }

    /// Shows an error of a read; a cancelled one was wished for.
    mutating func report(_ error: TenancyError) {
        if error.code == .cancelled {
            say("Cancelled, in PostgreSQL too.", .warning)
        } else {
            say(error)
        }
    }
}
