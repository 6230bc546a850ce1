package import Postgres
import Synchronization

/// Brings all companies to the newest blueprint, by workers side by side with a connection each.
///
/// It keeps nothing of its own: whatever it has done is in the companies and in their ledger, so that a run that was
/// interrupted, however rudely, is resumed by the next one, and two at once only share the work.
package struct MigrationRun: Sendable {
    /// What came of a run.
    package struct Summary: Hashable, Sendable {
        /// How many companies this run migrated, or rehearsed.
        package var done = 0
        /// Those that could not be migrated; a run stops with the first ones.
        package var failed: [MigrationOutcome] = []
        /// Those that were in use each time they were tried.
        package var waiting: [MigrationOutcome] = []
        /// Whether the canary failed, so that nobody else was touched.
        package var stoppedAtCanary = false
        /// How many companies are left for the next run.
        package var left = 0

        /// Whether every company has the newest blueprint, or would have.
        package var isComplete: Bool { failed.isEmpty && waiting.isEmpty && left == 0 }
    }

    private let settings: ConnectionSettings
    private let jobs: Int
    private let canary: String?
    private let isRehearsal: Bool
    private let patience: Duration
    /// How often a company in use is tried.
    private static let attempts = 5

    /// - Parameter canary: goes first and alone; when it fails, no other company is touched.
    package init(
        _ settings: ConnectionSettings, jobs: Int = 4, canary: String? = nil, isRehearsal: Bool = false,
        patience: Duration = .milliseconds(500)
    ) {
        self.settings = settings
        self.jobs = max(1, jobs)
        self.canary = canary
        self.isRehearsal = isRehearsal
        self.patience = patience
    }

    /// Migrates what is behind; `begin` hears how many companies that are, `each` what came of one of them.
    ///
    /// The first failure ends the run: the workers finish the companies that they have begun. A rehearsal goes on.
    package func run(
        begin: @Sendable (Int) -> Void = { _ in },
        each: @escaping @Sendable (MigrationOutcome) -> Void = { _ in }
    ) async throws(TenancyError) -> Summary {
        let client = try await TenancyClient.connect(settings)
        do throws(TenancyError) {
            let summary = try await run(client, begin, each)
            await client.close()
            return summary
        } catch {
            await client.close()
            throw error
        }
    }

    private func run(
        _ client: TenancyClient, _ begin: @Sendable (Int) -> Void,
        _ each: @escaping @Sendable (MigrationOutcome) -> Void
    ) async throws(TenancyError) -> Summary {
        // A canary that is not there is a mistake, also when there is nothing to do.
        if let canary { _ = try await client.company(canary) }
        var behind = try await namesBehind(client)
        begin(behind.count)
        var summary = Summary()
        if let canary, let place = behind.firstIndex(of: canary) {
            behind.remove(at: place)
            let tally = try await work([canary], by: 1, each)
            tally.add(to: &summary)
            guard summary.failed.isEmpty, summary.waiting.isEmpty else {
                summary.stoppedAtCanary = true
                summary.left = behind.count
                return summary
            }
        }
        let tally = try await work(behind, by: jobs, each)
        tally.add(to: &summary)
        summary.left = behind.count - tally.count
        return summary
    }

    private func namesBehind(_ client: TenancyClient) async throws(TenancyError) -> [String] {
        var names: [String] = []
        while true {
            let page = try await client.migrations(behind: true, after: names.last)
            names += page.map(\.urlID)
            if page.count < 10_000 { return names }
        }
    }

    /// Has so many workers take companies one by one until there is none left, or one has failed.
    private func work(
        _ companies: [String], by workers: Int, _ each: @escaping @Sendable (MigrationOutcome) -> Void
    ) async throws(TenancyError) -> MigrationQueue {
        let queue = MigrationQueue(companies, attempts: Self.attempts, stopsAtFailure: !isRehearsal)
        let problem = await withTaskGroup(of: TenancyError?.self) { group in
            for _ in 0..<min(workers, companies.count) {
                group.addTask {
                    do throws(TenancyError) {
                        try await worker(queue, each)
                        return nil
                    } catch {
                        // The others finish what they have begun, and take no more.
                        queue.stop()
                        return error
                    }
                }
            }
            var first: TenancyError?
            for await problem in group { first = first ?? problem }
            return first
        }
        if let problem { throw problem }
        return queue
    }

    private func worker(
        _ queue: MigrationQueue, _ each: @Sendable (MigrationOutcome) -> Void
    ) async throws(TenancyError) {
        let client = try await TenancyClient.connect(settings)
        do throws(TenancyError) {
            while let item = queue.take() {
                // Whoever uses the company has a moment to finish.
                if item.attempt > 1 { try? await Task.sleep(for: patience) }
                if Task.isCancelled { throw TenancyError(.cancelled, "The migration was interrupted.") }
                do throws(TenancyError) {
                    let outcome = try await client.migrateCompany(
                        item.urlID, patience: patience, rehearsal: isRehearsal)
                    if queue.settle(item, outcome) { each(outcome) }
                } catch  where error.refusalCode == "unknown_company" {
                    // It was deleted meanwhile.
                    queue.forget()
                }
            }
            await client.close()
        } catch {
            await client.close()
            throw error
        }
    }
}
