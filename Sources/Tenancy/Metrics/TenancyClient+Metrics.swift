import Postgres

extension TenancyClient {
    /// The engine's figures of this moment (admin, service).
    public func metrics() async throws(TenancyError) -> [Metric] {
        let rows = try await wire.rows(
            "SELECT name, label, value::text AS value, refusal FROM piste.metrics()")
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            Metric(
                name: try row.string("name"), label: try row.optionalString("label"),
                value: Double(try row.string("value")) ?? 0)
        }
    }

    /// The ages of the newest records of every company's audit trail, in seconds (admin, service).
    ///
    /// A server's process keeps 98 KB for each company that it looked into, so that this takes a connection of its own for every
    /// 250.
    public func chainHeadAges() async throws(TenancyError) -> [Double] {
        var ages: [Double] = []
        var place: String?
        while true {
            let slice = try await TenancyClient.connect(settings)
            let rows: [(company: String, age: Double?)]
            do throws(TenancyError) {
                rows = try await slice.heads(after: place)
            } catch {
                await slice.close()
                throw error
            }
            await slice.close()
            ages += rows.compactMap(\.age)
            guard rows.count == Self.slice, let last = rows.last else { return ages }
            place = last.company
        }
    }

    private static var slice: Int { 250 }

    private func heads(after place: String?) async throws(TenancyError) -> [(company: String, age: Double?)] {
        let rows = try await wire.rows(
            "SELECT company::text AS company, age::text AS age, refusal FROM piste.chain_heads($1::uuid, $2)",
            [Parameter(place), .int(Int64(Self.slice))])
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            (try row.string("company"), try row.optionalString("age").flatMap(Double.init))
        }
    }
}
