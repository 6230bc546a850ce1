import LocalCluster
import Postgres
import Tenancy

/// The cluster owner's connection, which loads rows into companies as no operator can.
struct DemoImport: Sendable {
    /// Users of one company that are to be loaded, by their places.
    struct Job: Sendable {
        var company: DemoCompany
        var places: Range<Int>
    }

    private let connection: Connection
    private let plan: DemoPlan
    private let moment: Timestamp

    init(_ cluster: RunningCluster, _ plan: DemoPlan, _ moment: Timestamp) async throws {
        connection = try await Connection.open(cluster.settings())
        self.plan = plan
        self.moment = moment
    }

    func close() async {
        await connection.close()
    }

    /// The users that are still to be loaded, by the highest id in the table itself; nil when all are there.
    func job(for company: DemoCompany) async throws -> Job? {
        let schema = try await connection.query(
            "SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(company.urlID)])
        guard let home = try schema.first?.string(0) else { return nil }
        let rows = try await connection.query(
            "SELECT coalesce(max(id), 0) FROM \(Quoted.identifier(home)).users")
        let there = try rows.first?.int(0) ?? 0
        return there < company.users ? Job(company: company, places: there..<company.users) : nil
    }

    /// Loads the users with their journeys, all or none.
    func load(_ job: Job, _ bar: ProgressBar) async throws {
        let rows = DemoRows(
            plan: plan, company: job.company, places: job.places, moment: moment,
            progress: { bar.advance(by: $0) })
        try await BulkImport(connection: connection).importRows(
            into: job.company.urlID, users: rows.users, journeys: rows.journeys, steps: rows.steps)
    }
}
