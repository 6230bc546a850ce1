package import Postgres

/// Loads rows into a company as the cluster's owner, and leaves one record of the whole import in its trail.
///
/// COPY is refused on a table behind the gate to everybody else. The rows of one company are one transaction: they are
/// all there with their record, or none is.
package struct BulkImport: Sendable {
    private let connection: Connection

    /// - Parameter connection: a superuser's.
    package init(_ connection: Connection) {
        self.connection = connection
    }

    /// What one company gets.
    ///
    /// Each closure gives its next row, or nil after the last; they are called one after the
    /// other, on the connection's thread.
    package struct Rows: Sendable {
        package var users: @Sendable () -> ImportedUser?
        package var journeys: @Sendable () -> ImportedJourney?
        package var steps: @Sendable () -> ImportedStep?

        package init(
            users: @escaping @Sendable () -> ImportedUser?,
            journeys: @escaping @Sendable () -> ImportedJourney?,
            steps: @escaping @Sendable () -> ImportedStep?
        ) {
            self.users = users
            self.journeys = journeys
            self.steps = steps
        }
    }

    /// Loads the rows and gathers statistics; `progress` hears how many rows are on their way.
    ///
    /// - Returns: the number of rows loaded.
    @discardableResult
    package func load(
        into urlID: String, _ rows: Rows, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(TenancyError) -> Int {
        let wire = Wire(connection: connection, isInContext: false)
        let found = try await wire.rows(
            "SELECT schema_name FROM piste.company WHERE url_id = $1", [.text(urlID)])
        guard let home = try found.first?.read({ row throws(PostgresError) in try row.string(0) }) else {
            throw TenancyError(.notFound, "There is no company with the url id “\(urlID)”.")
        }
        do {
            return try await connection.transaction { connection in
                try await copy(rows, into: home, urlID, on: connection, progress)
            }
        } catch let error as PostgresError {
            throw TenancyError(error, inContext: false)
        } catch {
            throw TenancyError(.failed, "The import did not finish: \(error)")
        }
    }

    private func copy(
        _ rows: Rows, into home: String, _ urlID: String, on connection: Connection,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Int {
        let tables = ["users", "journeys", "journey_steps"]
        for table in tables {
            try await connection.run(script: "ALTER TABLE \(home).\(table) DISABLE TRIGGER USER")
        }
        var loaded = 0
        loaded += try await connection.copyIn(
            "COPY \(home).users (id, email, name, role, status, locale, created_at, last_seen_at) FROM STDIN",
            chunks: Self.chunks(of: rows.users, progress) { user, line in
                line.add(user.id)
                for text in [user.email, user.name, user.role, user.status.rawValue, user.locale] {
                    line.add(text)
                }
                line.add(user.createdAt)
                line.add(user.lastSeenAt)
            })
        loaded += try await connection.copyIn(
            "COPY \(home).journeys (id, user_id, name, status, current_step, started_at, updated_at) FROM STDIN",
            chunks: Self.chunks(of: rows.journeys, progress) { journey, line in
                line.add(journey.id)
                line.add(journey.userID)
                line.add(journey.name)
                line.add(journey.status.rawValue)
                line.add(Int64(journey.currentStep))
                line.add(journey.startedAt)
                line.add(journey.updatedAt)
            })
        loaded += try await connection.copyIn(
            "COPY \(home).journey_steps (journey_id, position, name, state, entered_at, completed_at, note) FROM STDIN",
            chunks: Self.chunks(of: rows.steps, progress) { step, line in
                line.add(step.journeyID)
                line.add(Int64(step.position))
                line.add(step.name)
                line.add(step.state.rawValue)
                line.add(step.enteredAt)
                line.add(step.completedAt)
                line.add(step.note)
            })
        for table in tables {
            try await connection.run(script: "ALTER TABLE \(home).\(table) ENABLE TRIGGER USER")
        }
        for table in ["users", "journeys"] {
            try await connection.query(
                "SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT coalesce(max(id), 1) FROM \(home).\(table)))",
                [.text("\(home).\(table)")])
        }
        try await connection.query(
            "SELECT piste.record_load($1, 'users,journeys,journey_steps', $2::bigint)",
            [.text(urlID), .int(Int64(loaded))])
        for table in tables { try await connection.run(script: "ANALYZE \(home).\(table)") }
        return loaded
    }

    /// Turns rows into pieces of about 64 KB of COPY's text format.
    private static func chunks<Imported>(
        of next: @escaping @Sendable () -> Imported?, _ progress: @escaping @Sendable (Int) -> Void,
        _ write: @escaping @Sendable (Imported, inout CopyLine) -> Void
    ) -> @Sendable () -> [UInt8]? {
        {
            var line = CopyLine()
            var count = 0
            while line.bytes.count < 65_536, let row = next() {
                write(row, &line)
                line.end()
                count += 1
            }
            guard count > 0 else { return nil }
            progress(count)
            return line.bytes
        }
    }
}
