package import FoundationEssentials
import Postgres

/// A user or a journey of an adopted company, by what its map calls the columns.
package struct PlayedRow: Hashable, Sendable {
    /// The values by role; without those that the map does not name, or that are redacted here.
    package let values: [String: TableValue]
    /// What kinds of values they are.
    package let kinds: [String: ValueKind]
    /// Where the row stands in the order in which it was read.
    package let place: RowPlace

    /// What a role's column holds; empty where there is none, and where it is NULL.
    package func text(_ role: String) -> String { values[role]?.text ?? "" }

    /// The moment that a role's column holds, days and such without a zone taken as UTC; nil where it holds none.
    package func moment(_ role: String) -> Date? {
        guard let text = values[role]?.text, let kind = kinds[role] else { return nil }
        return switch kind {
        case .moment: Timestamp(text)?.date
        case .localMoment: Timestamp(text + "+00")?.date
        case .date: Timestamp(text + " 00:00:00+00")?.date
        default: nil
        }
    }
}

extension PlayedRow {
    /// The whole number in a role's column; throws where it is none, with the way to read such rows.
    func number(_ role: String, of part: PlayedPart) throws(TenancyError) -> Int64 {
        if let number = Int64(text(role)) { return number }
        throw TenancyError(
            .failed,
            "The \(role) of these \(part.rawValue) is no whole number here: piste \(part.rawValue) lists them, and rows(of:) reads them."
        )
    }

    /// The place as lists of users and journeys know it.
    var keyset: Keyset { Keyset(key: place.description, id: Int64(text("id")) ?? 0) }
}

extension PageRequest<Keyset> {
    /// The same page of an adopted company's rows.
    func played() throws(TenancyError) -> PageRequest<RowPlace> {
        func place(_ keyset: Keyset) throws(TenancyError) -> RowPlace {
            guard let place = RowPlace(keyset.key) else {
                throw TenancyError(.invalid, "This is no place in this order.")
            }
            return place
        }
        let here: PageRequest<RowPlace>.Place =
            switch self.place {
            case .start: .start
            case .end: .end
            case .after(let keyset): .after(try place(keyset))
            case .before(let keyset): .before(try place(keyset))
            case .from(let keyset): .from(try place(keyset))
            }
        return PageRequest<RowPlace>(here, limit: limit)
    }
}

/// Which of a company's lists is read.
package enum PlayedPart: String, Sendable {
    case users, journeys

    /// The sentence for a company where nothing plays it.
    func missing(in company: String) -> TenancyError {
        TenancyError(
            .failed,
            "No table plays the \(rawValue) of this adopted company: name one in its map ([\(rawValue)] table = …) and run "
                + "piste adopt --map again; meanwhile piste tables \(company) lists its tables, piste rows \(company) TABLE their rows."
        )
    }
}

extension PlayedTables {
    /// The table that plays a part; throws the sentence that says what to do where none does.
    func table(_ part: PlayedPart, in company: String) throws(TenancyError) -> PlayedTable {
        guard let table = part == .users ? users : journeys else { throw part.missing(in: company) }
        return table
    }
}

extension PlayedTable {
    /// A role's column, by which rows are ordered or found; throws what the map lacks.
    func required(_ role: String, _ part: PlayedPart) throws(TenancyError) -> TableColumn {
        if let column = column(role) { return column }
        throw TenancyError(
            .invalid,
            columns[role].map {
                "The column \($0) of \(table.name), the \(part.rawValue)' \(role), is redacted here."
            }
                ?? "The map names no column for the \(part.rawValue)' \(role): [\(part.rawValue)] \(role) = … says which."
        )
    }

    /// What is asked for by name and by text, as conditions on the table's own columns; a text is looked for in all columns
    /// that the map names.
    func conditions(_ filter: Filter, _ part: PlayedPart) throws(TenancyError) -> [RowCondition] {
        var conditions: [RowCondition] = []
        switch filter.wanted {
        case nil: break
        case .fragment(let text):
            conditions.append(RowCondition(nil, .contains(text), isInverse: filter.isInverse))
        case .expression(let expression):
            conditions.append(RowCondition(nil, .fits(expression), isInverse: filter.isInverse))
        }
        for field in filter.fields {
            conditions.append(
                RowCondition(
                    try required(field.name, part).name, .contains(field.value), isInverse: field.isInverse))
        }
        return conditions
    }

    /// The column that orders a list when nobody says which; nil for the order of the key, where no index gives the other and
    /// too many rows would be sorted for each page.
    func usualOrder(_ role: String) -> String? {
        guard let name = column(role)?.name,
            table.index(pagingBy: name) != nil || (table.estimatedRows ?? 0) < 20_000
        else { return nil }
        return name
    }
}

extension TenantSession {
    /// Reads users or journeys of an adopted company through its map, under one declaration.
    ///
    /// - Parameters:
    ///   - part: which of them.
    ///   - filter: as for a company that Piste made.
    ///   - conditions: what the rows must be besides, by role.
    ///   - sort: the role that orders them; nil for the list's own order.
    package func playedRows(
        _ part: PlayedPart, matching filter: String = "", where conditions: [RowCondition] = [],
        sort: String? = nil, ascending: Bool? = nil, _ page: PageRequest<RowPlace> = PageRequest(),
        for purpose: ReadPurpose = .read
    ) async throws(TenancyError) -> Page<PlayedRow> {
        guard let tables = try await playedTables() else { throw part.missing(in: context.urlID) }
        let played = try tables.table(part, in: context.urlID)
        let wanted = try Filter(filter, fields: played.columns.keys.sorted())
        let own = try conditions.map { condition throws(TenancyError) in
            RowCondition(try played.required(condition.column ?? "", part).name, condition.test)
        }
        let order =
            try sort.map { role throws(TenancyError) in try played.required(role, part).name }
            ?? played.usualOrder(part == .users ? "name" : "updated_at")
        let read = try await listed(
            of: played.table, matching: RowFilter(try played.conditions(wanted, part) + own),
            columns: played.readable.compactMap { played.column($0)?.name }, sort: order,
            ascending: ascending ?? (part == .users), longest: nil, page,
            as: "\(part.rawValue).\(purpose.rawValue)",
            // A journey's user is read with it.
            besides: part == .journeys && played.column("user") != nil ? tables.users?.table.resource : nil)
        let roles = played.readable
        let kinds = Dictionary(uniqueKeysWithValues: roles.map { ($0, played.column($0)?.kind ?? .text) })
        return Page(
            rows: read.rows.map { row in
                PlayedRow(
                    values: Dictionary(uniqueKeysWithValues: zip(roles, row.values)), kinds: kinds,
                    place: row.place)
            }, hasMore: read.hasMore)
    }

    /// The names of the users whom journeys name, by their ids; empty where the map does not lead to them.
    package func playedNames(of journeys: [PlayedRow]) async throws(TenancyError) -> [String: String] {
        let ids = Set(journeys.compactMap { $0.values["user"]?.text })
        guard !ids.isEmpty, let users = try await playedTables()?.users, let id = users.column("id"),
            let name = users.column("name") ?? users.column("email")
        else { return [:] }
        var statement = try RowsStatement(users.table, columns: [id.name, name.name], longest: nil)
        let list = Self.list(
            ids.sorted().map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" })
        statement.require("\(RowsStatement.named(id)) = ANY (\(statement.mark(list)))")
        let rows = try await gated(
            statement.shown(statement.rows(statement.raw, [], ""), beside: [], orderBy: ""),
            statement.parameters)
        var names: [String: String] = [:]
        for row in rows {
            let (values, _) = try row.read { row throws(PostgresError) in try statement.read(row) }
            if let id = values[0].text { names[id] = values[1].text }
        }
        return names
    }
}
