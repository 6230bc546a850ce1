import LocalCluster
import Postgres
import Tenancy

/// Makes the companies of a plan and fills them; what is there already stays as it is.
struct DemoBuild: Sendable {
    let cluster: RunningCluster
    let plan: DemoPlan
    /// Whether it tells nothing of what it does, since a screen is on.
    var isQuiet = false
    /// To the second, as people's clocks have it.
    private let moment = Timestamp(microseconds: Timestamp.now.microseconds / 1_000_000 * 1_000_000)

    /// Connections side by side: enough to keep two processors busy while commits wait for the disk.
    private static let creators = 4
    private static let importers = 2

    /// Does what is missing, and tells on standard error what takes time.
    func run() async throws {
        let wanted = (0..<plan.companyCount).map { plan.company(at: $0) }
        let existing = try await existingCompanies()
        let missing = wanted.filter { existing[$0.urlID] == nil }
        if !missing.isEmpty { try await create(missing) }
        // The statistics tell at once which companies have users. Only where they say none, or where more are
        // asked for, the table is.
        let doubtful = wanted.filter { company in
            let users = existing[company.urlID] ?? 0
            return users == 0 || (company.index == 0 && users < company.users)
        }
        let jobs = try await jobs(for: doubtful)
        if !jobs.isEmpty { try await fill(jobs) }
    }

    /// Refuses to show what is not the demo's: companies that somebody made on the private PostgreSQL.
    func requireNothingElse() async throws {
        let others = try await existingCompanies().keys.filter { !plan.makes($0) }.sorted()
        guard let first = others.first else { return }
        throw CommandError(
            .refused,
            others.count == 1
                ? "a recording would show a company that is not the demo's: \(first)"
                : "a recording would show \(others.count) companies that are not the demo's: \(first) and others",
            remedy: "--reset makes the demo anew, or --kiosk --record records on copies of their own")
    }

    /// The companies that are there by url id, each with the number of its users as the statistics have it.
    private func existingCompanies() async throws -> [String: Int] {
        let client = try await TenancyClient.connect(cluster.settings(user: DemoLogins.admin))
        var companies: [String: Int] = [:]
        var place = PageRequest<String>.Place.start
        while true {
            let page = try await client.companies(PageRequest(place, limit: 2_000))
            for company in page.rows { companies[company.urlID] = company.estimatedUsers ?? 0 }
            guard page.hasMore, let last = page.rows.last else { break }
            place = .after(last.urlID)
        }
        await client.close()
        return companies
    }

    private func jobs(for companies: [DemoCompany]) async throws -> [DemoImport.Job] {
        guard !companies.isEmpty else { return [] }
        let owner = try await DemoImport(cluster, plan, moment)
        var jobs: [DemoImport.Job] = []
        for company in companies {
            if let job = try await owner.job(for: company) { jobs.append(job) }
        }
        await owner.close()
        return jobs
    }

    private func create(_ companies: [DemoCompany]) async throws {
        let bar = ProgressBar("Creating companies", total: companies.count, isQuiet: isQuiet)
        // A crash of the machine may lose the last ones; the next run makes them again.
        let settings = cluster.settings(user: DemoLogins.admin).with(options: "-c synchronous_commit=off")
        try await WorkQueue(companies).drain(by: Self.creators) { queue in
            let client = try await TenancyClient.connect(settings)
            while let company = queue.take() {
                _ = try await client.createCompany(
                    name: company.name, urlID: company.urlID, authProvider: company.authProvider)
                if company.isSuspended { try await client.suspendCompany(company.urlID) }
                if let policy = company.policy { try await client.setCompanyPolicy(company.urlID, policy) }
                bar.advance()
            }
            await client.close()
        }
        bar.finish()
    }

    private func fill(_ jobs: [DemoImport.Job]) async throws {
        let users = jobs.reduce(0) { $0 + $1.places.count }
        let bar = ProgressBar("Importing users", total: users, passes: DemoRows.passes, isQuiet: isQuiet)
        // The largest first, so that the connections finish together.
        let queue = WorkQueue(jobs.sorted { $0.places.count > $1.places.count })
        try await queue.drain(by: Self.importers) { queue in
            let owner = try await DemoImport(cluster, plan, moment)
            while let job = queue.take() { try await owner.load(job, bar) }
            await owner.close()
        }
        bar.finish()
    }
}
