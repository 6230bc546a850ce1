import LocalCluster
import Postgres
import Tenancy

extension World {
    /// Brings every company to one more blueprint, by four workers; the baseline adds the same column to plain tables.
    func measureMigration(_ report: Report) async throws {
        let column = "since_\(companies)"
        _ = try await BlueprintRegistration(connection: owner).register(
            "ALTER TABLE {schema}.users ADD COLUMN \(column) integer;", origin: "owner benchmark-\(companies)"
        )
        var samples = Samples()
        for number in 1...min(20, rawSchemas) {
            let begun = ContinuousClock.now
            try await plain.run(script: "ALTER TABLE raw_\(number).users ADD COLUMN \(column) integer")
            samples.add(ContinuousClock.now - begun)
        }
        let begun = ContinuousClock.now
        let summary = try await MigrationRun(running.settings(user: "bench_admin"), jobs: 4).run()
        let taken = ContinuousClock.now - begun
        precondition(summary.isComplete && summary.done >= companies)
        let each = taken / .milliseconds(summary.done)
        report.figure("migrate with 4 workers, ms a company", each, baseline: samples.median)
        report.note(
            "\(summary.done) companies in \(report.fixed(taken / .seconds(1))) s; baseline: ALTER TABLE, one by one"
        )
    }
}
