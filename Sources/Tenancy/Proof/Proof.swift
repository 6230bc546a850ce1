package import Postgres

/// Makes a proof: the catalogs, hostile probes, and the audit chains.
package struct Proof: Sendable {
    /// What a proof has come to.
    package enum Stage: Sendable {
        case catalog(companies: Int)
        case structures(count: Int)
        case probes(count: Int)
        case chains(count: Int)
        /// So many companies, probes or chains more are done.
        case step(Int)
    }

    /// More than so many are held against their blueprints by several sessions, with their progress.
    private static let manyCompanies = 100

    private let settings: ConnectionSettings
    private let urlID: String?

    /// - Parameter urlID: the company; nil for all.
    package init(_ settings: ConnectionSettings, of urlID: String?) {
        self.settings = settings
        self.urlID = urlID
    }

    /// Proves, and has the control trail keep the report's digest; `told` hears how far it is.
    package func make(
        told: @escaping @Sendable (Stage) -> Void = { _ in }
    ) async throws(TenancyError) -> (report: ProofReport, record: ProofRecord) {
        let client = try await TenancyClient.connect(settings)
        do throws(TenancyError) {
            let outcome = try await make(client, told)
            await client.close()
            return outcome
        } catch {
            await client.close()
            throw error
        }
    }

    private func make(
        _ client: TenancyClient, _ told: @escaping @Sendable (Stage) -> Void
    ) async throws(TenancyError) -> (report: ProofReport, record: ProofRecord) {
        let facts = try await client.proofFacts()
        guard !facts.superusers.contains(facts.admin) else {
            throw TenancyError(
                .notAllowed,
                "A superuser, or whoever installed the engine, is outside of the claim, and nothing would stop its probes: "
                    + "prove with an admin's login."
            )
        }
        let known = try await companies(client)
        let companies = known.map(\.urlID)
        told(.catalog(companies: companies.count))
        let isLong = companies.count > Self.manyCompanies
        var checks = try await client.isolationReport(of: urlID, structures: !isLong)
        if isLong {
            told(.structures(count: companies.count))
            let (windows, structure) = try await StructureRun(settings, companies).checks { told(.step($0)) }
            // In the place that the report of few companies has it in.
            checks.insert(windows, at: checks.firstIndex { $0.id == "gate.function" } ?? checks.endIndex)
            checks.append(structure)
        }
        let place = checks.firstIndex { $0.id == "engine.manifest" } ?? checks.endIndex
        checks.insert(IsolationCheck(installed: facts.files), at: place)

        let lost = Set(facts.losses.flatMap(\.probes))
        told(.probes(count: ProbeRun.count - lost.count))
        // What a killed proof left behind is no neighbour: it goes when the next one begins.
        let beside = urlID ?? known.first { $0.authProvider != "piste prove" }?.urlID
        let probes = try await ProbeRun(settings, beside: beside, without: lost).run { _ in told(.step(1)) }

        try await client.sealFirst()
        told(.chains(count: companies.count + 1))
        var chains: [ChainProof] = []
        for company in companies.map(Optional.some) + [nil] {
            do throws(TenancyError) {
                chains.append(ChainProof(urlID: company, verdict: try await client.verifySealed(of: company)))
            } catch  where error.refusalCode == "unknown_company" {
                // It was deleted meanwhile.
            }
            told(.step(1))
        }
        let report = ProofReport(
            scope: urlID ?? "all", name: urlID == nil ? nil : known.first?.name, beside: beside, facts: facts,
            checks: checks, probes: probes, chains: chains)
        let record = try await client.recordProof(
            digest: report.digest, scope: report.scope, passed: report.lines.count - report.failures.count,
            failed: report.failures.count)
        return (report, record)
    }

    /// The companies that are proved, by url id.
    private func companies(_ client: TenancyClient) async throws(TenancyError) -> [Company] {
        if let urlID { return [try await client.company(urlID)] }
        var all: [Company] = []
        var place = PageRequest<String>.Place.start
        while true {
            let page = try await client.companies(PageRequest(place, limit: 5000))
            all += page.rows
            guard page.hasMore, let last = page.rows.last else { break }
            place = .after(last.urlID)
        }
        return all.sorted { $0.urlID < $1.urlID }
    }
}
