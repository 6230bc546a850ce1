import Tenancy

extension EffectRunner {
    /// Does what is asked over the control connection, and posts what came of it.
    func perform(_ request: ControlRequest) async {
        switch request {
        case .link(let delay): await link(after: delay)
        case .loadCompanies(let id, let query, let page):
            await answer {
                .companies(.loaded(id, page.place, $0))
            } of: { client throws(TenancyError) in
                try await client.companies(
                    matching: query.filter, sort: query.sort, ascending: query.ascending, page)
            }
        case .countCompanies(let search):
            await tell {
                .companies(.counted(search: search, $0))
            } of: { client throws(TenancyError) in
                try await client.companiesCount(matching: search)
            }
        case .suggestCompanies(let id, let search):
            await answer {
                .companiesSuggested(id, $0)
            } of: { client throws(TenancyError) in
                try await client.companies(matching: Filter.typed(search), PageRequest(limit: 8))
            }
        case .loadCompany(let urlID):
            await tell {
                .companyLoaded($0)
            } of: { client throws(TenancyError) in
                try await client.company(urlID)
            }
        case .loadActivity(let id, let urlID):
            await answer {
                .activityLoaded(id, urlID, $0)
            } of: { client throws(TenancyError) in
                try await client.activity(of: urlID)
            }
        case .loadContexts(let id, let liveOnly):
            await answer {
                .screen(ContextsScreen.Answer.loaded(id, $0))
            } of: { client throws(TenancyError) in
                try await client.contexts(liveOnly: liveOnly)
            }
        case .endContexts(let jtis, let why): await endContexts(jtis, why)
        case .watchRequests: await watchRequests()
        case .loadRequests(let id):
            await answer {
                .requestsLoaded(id, $0)
            } of: { client throws(TenancyError) in
                try await client.requests()
            }
        case .loadRequest(let id):
            await answer {
                (try? $0.get()).map { .requestLoaded($0) } ?? .requestUnread
            } of: {
                client throws(TenancyError) in
                try await client.request(id)
            }
        case .decide(let id, let approve, let reason):
            let said = approve ? "Approved; it is on record." : "Denied; it is on record."
            await answer {
                .requestDecided(said, $0)
            } of: { client throws(TenancyError) in
                try await client.decide(id, approve: approve, reason: reason)
                return true
            }
        case .withdraw(let id):
            await answer {
                .requestDecided("The request is withdrawn.", $0)
            } of: { client throws(TenancyError) in
                try await client.withdraw(id)
                return true
            }
        case .administer(let id, let change):
            await answer {
                .administered(id, change, $0)
            } of: { client throws(TenancyError) in
                try await Self.carryOut(change, client)
            }
        case .loadOperators(let id):
            await answer {
                .screen(OperatorsScreen.Answer.loaded(id, $0))
            } of: { client throws(TenancyError) in
                try await client.operators()
            }
        case .loadControlTrail(let id, let filter, let page):
            await answer {
                .screen(ControlTrailScreen.Answer.loaded(id, page.place, $0))
            } of: { client throws(TenancyError) in
                try await client.controlTrail(matching: filter, page)
            }
        case .loadMigrations(let id, let state, let filter, let page):
            await answer {
                .screen(MigrationsScreen.Answer.loaded(id, page.place, $0))
            } of: { client throws(TenancyError) in
                try await client.migrations(in: state, matching: filter, page)
            }
        case .loadFleet(let id):
            await answer {
                .screen(MigrationsScreen.Answer.fleet(id, $0))
            } of: { client throws(TenancyError) in
                try await client.fleet()
            }
        case .sweep:
            _ = await controlled { client throws(TenancyError) in try await client.sweep() }
        case .export(let id, let export): await self.export(nil, id, export)
        // These are done at once, where they are started.
        case .cancel, .prove, .cancelProof, .cancelExport: break
        }
    }

    private func answer<Value: Sendable>(
        _ answer: (Result<Value, TenancyError>) -> ControlAnswer,
        of body: (TenancyClient) async throws(TenancyError) -> Value
    ) async {
        mailbox.post(.control(answer(await controlled(body))))
    }

    /// The same for what nobody waits for: where it fails, nothing is said.
    private func tell<Value: Sendable>(
        _ answer: (Value) -> ControlAnswer, of body: (TenancyClient) async throws(TenancyError) -> Value
    ) async {
        if case .success(let value) = await controlled(body) { mailbox.post(.control(answer(value))) }
    }

    /// Ends one context after the other; what stops one stops the others too, and is told with how many have ended.
    private func endContexts(_ jtis: [String], _ why: String) async {
        var ended = 0
        let result = await controlled { client throws(TenancyError) in
            for jti in jtis {
                try await client.endContext(jti, why: why)
                ended += 1
            }
            return true
        }
        let said =
            jtis.count == 1
            ? "The context has ended, its backend with it."
            : "\(ended) contexts have ended, their backends with them."
        mailbox.post(.control(.contextEndAnswered(said, result)))
    }

    private func watchRequests() async {
        let mailbox = self.mailbox
        let result = await controlled { client throws(TenancyError) in
            try await client.watchRequests { mailbox.post(.control(.requestsChanged)) }
        }
        if case .failure(let error) = result, error.code != .unreachable {
            mailbox.post(.terminal(.noticed(error.sentence)))
        }
    }
}
