import Tenancy

extension EffectRunner {
    /// Makes a change; gives what to say about it.
    static func carryOut(
        _ change: AdminChange, _ client: TenancyClient
    ) async throws(TenancyError) -> String {
        switch change {
        case .createCompany(let name, let urlID, let authProvider):
            let company = try await client.createCompany(name: name, urlID: urlID, authProvider: authProvider)
            return "\(company.name) is created, url id \(company.urlID)."
        case .rename(let urlID, let name):
            try await client.renameCompany(urlID, to: name)
            return "\(urlID) is called \(name) now."
        case .suspend(let urlID):
            let ended = try await client.suspendCompany(urlID)
            return "\(urlID) is suspended; \(Self.ended(ended))."
        case .resume(let urlID):
            try await client.resumeCompany(urlID)
            return "\(urlID) is active again."
        case .setPolicy(let urlID, let change):
            let outcome = try await client.setCompanyPolicy(urlID, change)
            return "The policy of \(urlID) is changed; \(Self.ended(outcome.contextsEnded))."
        case .rotateKey(let urlID):
            let rotation = try await client.rotateSigningKey(for: urlID)
            return "\(urlID) signs with \(rotation.kid); \(Self.ended(rotation.contextsEnded))."
        case .addOperator(let login, let level):
            let isNew = try await client.addOperator(login, level: level)
            return isNew
                ? "\(login) is a new login without a password, registered as \(level.rawValue)."
                : "\(login) is registered as \(level.rawValue)."
        case .removeOperator(let login):
            let ended = try await client.removeOperator(login)
            return "\(login) is no operator any more; \(Self.ended(ended))."
        }
    }

    private static func ended(_ count: Int) -> String {
        switch count {
        case 0: "no context was open"
        case 1: "1 context has ended"
        default: "\(count) contexts have ended"
        }
    }
}
