import Tenancy

extension EffectRunner {
    /// Does what a screen of a company asks of its session.
    func performInContext(_ effect: Effect) async {
        switch effect {
        case .loadUsers(let id, let request, let query, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.users(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, page)
            } answer: {
                .usersLoaded(id, request, page.place, $0)
            }
        case .countUsers(let id):
            guard session(id) != nil,
                let count = try? await inTurn(
                    id,
                    { session throws(TenancyError) in
                        try await session.estimatedUsers()
                    })
            else { return }
            mailbox.post(.usersCounted(id, count))
        case .loadJourneys(let id, let request, let query, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.journeys(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, page)
            } answer: {
                .journeysLoaded(id, request, page.place, $0)
            }
        case .loadOverview(let id, let request):
            await inside(id) { session throws(TenancyError) in
                try await session.overview()
            } answer: {
                .overviewLoaded(id, request, $0)
            }
        case .loadUser(let id, let request, let user):
            await inside(id) { session throws(TenancyError) in
                try await session.userDetail(user)
            } answer: {
                .userLoaded(id, request, $0)
            }
        case .loadJourney(let id, let request, let journey):
            await inside(id) { session throws(TenancyError) in
                try await session.journeyDetail(journey)
            } answer: {
                .journeyLoaded(id, request, $0)
            }
        case .loadAudit(let id, let request):
            await inside(id) { session throws(TenancyError) in
                try await session.auditTrail(limit: ConsoleState.auditPage)
            } answer: {
                .auditLoaded(id, request, $0)
            }
        case .loadTrail(let id, let request, let filter, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.auditTrail(matching: filter, page)
            } answer: {
                .trailLoaded(id, request, page.place, $0)
            }
        case .loadValues(let id, let record):
            await inside(id) { session throws(TenancyError) in
                try await session.auditValues(of: [record])[record]
            } answer: {
                .valuesLoaded(id, record, $0)
            }
        case .watchAudit(let id):
            let mailbox = self.mailbox
            do throws(TenancyError) {
                // Whoever seals changes with the control connection, which may be another one by then.
                try await session(id)?.watchAudit { [weak self] in
                    mailbox.post(.auditGrew(id, $0))
                    self?.sealer?.ring()
                } lost: {
                    mailbox.post(.auditUnwatched(id))
                }
            } catch {
                mailbox.post(.auditUnwatched(id))
            }
        case .setUserStatus(let id, let status, let user, let said):
            await change(id, said) { session throws(TenancyError) in
                try await session.setStatus(status, ofUser: user)
            }
        case .changeStep(let id, let step, let change, let said):
            await self.change(id, said) { session throws(TenancyError) in
                try await session.change(step, change)
            }
        case .showToken(let id):
            await showToken(id)
        case .export(let id, let request, let export): await self.export(id, request, export)
        default: break
        }
    }

    /// Makes a change; it is answered also when the connection is gone, since somebody waits to hear whether it was made.
    private func change(
        _ id: ContextID, _ said: String, _ body: (TenantSession) async throws(TenancyError) -> Void
    ) async {
        do throws(TenancyError) {
            try await inTurn(id) { session throws(TenancyError) in try await body(session) }
            mailbox.post(.changed(id, said, .success(true)))
        } catch {
            mailbox.post(.changed(id, said, .failure(error)))
            if [.unreachable, .contextEnded].contains(error.code) { lose(id) }
        }
    }
}
