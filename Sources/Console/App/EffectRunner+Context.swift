import Tenancy

extension EffectRunner {
    /// Does what a screen of a company asks of its session.
    func perform(_ request: TenantRequest, inside id: ContextID) async {
        switch request {
        case .open(let intent): await open(id, intent)
        case .resume(let delay): await resume(id, after: delay)
        case .leave: await leave(id)
        case .loadUsers(let request, let query, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.users(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, page)
            } answer: {
                .screen(UsersScreen.Answer.loaded(request, page.place, $0))
            }
        case .countUsers:
            guard session(id) != nil,
                let count = try? await inTurn(
                    id,
                    { session throws(TenancyError) in
                        try await session.estimatedUsers()
                    })
            else { return }
            mailbox.post(.inside(id, .screen(UsersScreen.Answer.counted(count))))
        case .loadJourneys(let request, let query, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.journeys(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, page)
            } answer: {
                .screen(JourneysScreen.Answer.loaded(request, page.place, $0))
            }
        case .loadOverview(let request):
            await inside(id) { session throws(TenancyError) in
                try await session.overview()
            } answer: {
                .screen(OverviewScreen.Answer.loaded(request, $0))
            }
        case .loadUser(let request, let user):
            await inside(id) { session throws(TenancyError) in
                try await session.userDetail(user)
            } answer: {
                .screen(UserScreen.Answer.loaded(request, $0))
            }
        case .loadJourney(let request, let journey):
            await inside(id) { session throws(TenancyError) in
                try await session.journeyDetail(journey)
            } answer: {
                .screen(JourneyScreen.Answer.loaded(request, $0))
            }
        case .loadAudit(let request):
            await inside(id) { session throws(TenancyError) in
                try await session.auditTrail(limit: OpenCompany.auditPage)
            } answer: {
                .screen(TrailScreen.Answer.newest(request, $0))
            }
        case .loadTrail(let request, let filter, let page):
            await inside(id) { session throws(TenancyError) in
                try await session.auditTrail(matching: filter, page)
            } answer: {
                .screen(TrailScreen.Answer.loaded(request, page.place, $0))
            }
        case .loadValues(let record):
            await inside(id) { session throws(TenancyError) in
                try await session.auditValues(of: [record])[record]
            } answer: {
                .screen(TrailScreen.Answer.values(record, $0))
            }
        case .watchAudit:
            let mailbox = self.mailbox
            do throws(TenancyError) {
                // Whoever seals changes with the control connection, which may be another one by then.
                try await session(id)?.watchAudit { [weak self] in
                    mailbox.post(.inside(id, .auditGrew($0)))
                    self?.sealer?.ring()
                } lost: {
                    mailbox.post(.inside(id, .screen(TrailScreen.Answer.unwatched)))
                }
            } catch {
                mailbox.post(.inside(id, .screen(TrailScreen.Answer.unwatched)))
            }
        case .loadTables(let request): await loadTables(request, inside: id)
        case .loadRows(let request, let query, let page): await loadRows(request, query, page, inside: id)
        case .loadRow(let request, let table, let address):
            await loadRow(request, of: table, at: address, inside: id)
        case .loadFrequency(let request, let table, let column, let filter):
            await loadFrequency(request, of: column, in: table, filter, inside: id)
        case .setUserStatus(let status, let user, let said):
            await change(id, said) { session throws(TenancyError) in
                try await session.setStatus(status, ofUser: user)
            }
        case .changeStep(let step, let change, let said):
            await self.change(id, said) { session throws(TenancyError) in
                try await session.change(step, change)
            }
        case .setValue(let wanted):
            await change(id, wanted.said) { session throws(TenancyError) in
                try await session.setValue(
                    wanted.value, of: wanted.column, in: wanted.table, key: wanted.key, was: wanted.was)
            }
        case .showToken: await showToken(id)
        case .export(let request, let export): await self.export(id, request, export)
        // These are done at once, where they are started.
        case .cancel, .cancelExport: break
        }
    }

    /// Makes a change; it is answered also when the connection is gone, since somebody waits to hear whether it was made.
    private func change(
        _ id: ContextID, _ said: String, _ body: (TenantSession) async throws(TenancyError) -> Void
    ) async {
        do throws(TenancyError) {
            try await inTurn(id) { session throws(TenancyError) in try await body(session) }
            mailbox.post(.inside(id, .changed(said, .success(true))))
        } catch {
            mailbox.post(.inside(id, .changed(said, .failure(error))))
            if [.unreachable, .contextEnded].contains(error.code) { lose(id) }
        }
    }
}
