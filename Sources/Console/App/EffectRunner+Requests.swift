import Tenancy

extension EffectRunner {
    /// What concerns requests and policies, over the control connection.
    func performOnRequests(_ effect: Effect) async {
        switch effect {
        case .loadCompany(let urlID):
            let result = await controlled { client throws(TenancyError) in try await client.company(urlID) }
            if case .success(let company) = result { mailbox.post(.companyLoaded(company)) }
        case .watchRequests:
            let mailbox = self.mailbox
            let result = await controlled { client throws(TenancyError) in
                try await client.watchRequests { mailbox.post(.requestsChanged) }
            }
            if case .failure(let error) = result, error.code != .unreachable {
                mailbox.post(.noticed(error.sentence))
            }
        case .loadRequests(let request):
            let result = await controlled { client throws(TenancyError) in try await client.requests() }
            mailbox.post(.requestsLoaded(request, result))
        case .loadRequest(let id):
            let result = await controlled { client throws(TenancyError) in try await client.request(id) }
            mailbox.post((try? result.get()).map { .requestLoaded($0) } ?? .requestUnread)
        case .decide(let id, let approve, let reason):
            let result = await controlled { client throws(TenancyError) in
                try await client.decide(id, approve: approve, reason: reason)
                return true
            }
            mailbox.post(
                .requestDecided(approve ? "Approved; it is on record." : "Denied; it is on record.", result))
        case .withdraw(let id):
            let result = await controlled { client throws(TenancyError) in
                try await client.withdraw(id)
                return true
            }
            mailbox.post(.requestDecided("The request is withdrawn.", result))
        default: break
        }
    }
}
