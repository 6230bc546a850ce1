import ArgumentParser
import Listing
import Tenancy

/// `piste rows`: the rows of any table of a company, read inside a context of their own that ends with the command.
struct RowsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rows",
        abstract: "List the rows of any table of a company; the reading is recorded in its audit trail.",
        discussion: """
            JSON and CSV hold every value whole, as PostgreSQL writes it; a table for people shows its beginning. With --key one \
            row is given with all of every value.

            A filter is words, each of which must fit: text (in any column that is listed, accents and case folded), \
            column:text, column=value, != < <= > >=, column:null, !word for those that do not fit, "two words", /expression/.

            Examples:
              piste rows acme invoices --filter 'status:open amount>=1000' --sort amount --descending
              piste rows acme invoices --key 4711 --format json
              piste rows acme invoices --frequency status
            """
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Argument(help: "The table; piste tables COMPANY lists them.")
    var table: String

    @Option(
        help: ArgumentHelp(
            "Only rows that fit, for instance: status:stalled 'updated_at<2026-01-01'", valueName: "words"))
    var filter = ""

    @Option(help: ArgumentHelp("Only these columns, in this order.", valueName: "a,b"))
    var columns: String?

    @Option(help: ArgumentHelp("Ordered by this column instead of the key.", valueName: "column"))
    var sort: String?

    @Flag(help: "From the last to the first.")
    var descending = false

    @Option(help: ArgumentHelp("Go on behind the place that the last call named.", valueName: "place"))
    var after: String?

    @Option(
        help: ArgumentHelp(
            "One row, whole, by its key; once for each column of the key, in its order.", valueName: "value"))
    var key: [String] = []

    @Flag(help: "Only how many rows there are.")
    var count = false

    @Option(help: ArgumentHelp("How often the values of this column occur.", valueName: "column"))
    var frequency: String?

    @OptionGroup var listing: ListingOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        if let after, RowPlace(after) == nil {
            throw ValidationError("--after takes a place that piste rows named")
        }
        let ways = [!key.isEmpty, count, frequency != nil].filter { $0 }.count
        guard ways < 2 else {
            throw ValidationError("--key, --count and --frequency are three questions; ask one")
        }
        guard key.isEmpty || filter.isEmpty && sort == nil && after == nil && columns == nil else {
            throw ValidationError(
                "--key names the row; --filter, --columns, --sort and --after are for lists")
        }
        guard ways == 0 || after == nil && sort == nil && columns == nil else {
            throw ValidationError("--columns, --sort and --after are for lists")
        }
    }

    func run() throws {
        let question = self
        let more = try Target.find(database).inside(company) { session in
            let table = try await session.existingTable(question.table)
            let filter = try RowFilter(question.filter, for: table)
            if !question.key.isEmpty {
                try await question.writeOne(session, table)
            } else if question.count {
                let rows = try await session.countRows(of: table, matching: filter)
                try Listing.write(one: rows, as: question.listing.format, [Column("rows") { .number($0) }])
            } else if let column = question.frequency {
                try await question.writeFrequency(session, table, column, filter)
            } else {
                return try await question.writeList(session, table, filter)
            }
            return nil
        }
        guard let more, listing.format.isForPeople else { return }
        Narration.sayMore(listing.limit)
        Narration.say("… --after \(more) goes on from there")
    }

    /// Writes page after page; gives the place to go on from, where there is more.
    private func writeList(
        _ session: TenantSession, _ table: TenantTable, _ filter: RowFilter
    ) async throws -> RowPlace? {
        let names = columns?.split(separator: ",").map(String.init) ?? table.visibleColumns.map(\.name)
        let shown = names.compactMap { table.column($0) }
        let isForPeople = listing.format.isForPeople
        var out = try Listing(listing.format, table.columns(shown, isForPeople: isForPeople))
        if let order = sort ?? table.key.first, sort != nil || !table.isPagedByKey,
            table.index(pagingBy: order) == nil
        {
            Narration.say("… no index orders \(table.name) by \(order): every page reads the whole table")
        } else if table.key.isEmpty, sort == nil {
            Narration.say("… \(table.name) has no key: its rows are given in the order in which they lie")
        }
        var place = after.flatMap { RowPlace($0) }.map { PageRequest<RowPlace>.Place.after($0) } ?? .start
        var missing = listing.limit
        var last: RowPlace?
        while true {
            let page = try await session.rows(
                of: table, matching: filter, columns: names, sort: sort, ascending: !descending,
                longest: listing.format == .table ? TenantSession.longestInLists : nil,
                PageRequest(place, limit: min(missing, Self.pageSize)))
            try out.append(page.rows)
            missing -= page.rows.count
            last = page.rows.last?.place ?? last
            guard page.hasMore, let next = page.rows.last?.place else {
                try out.finish()
                return nil
            }
            guard missing > 0 else {
                try out.finish()
                return last
            }
            place = .after(next)
        }
    }

    /// So few that rows with a megabyte each find room.
    private static let pageSize = 200

    private func writeOne(_ session: TenantSession, _ table: TenantTable) async throws {
        guard let row = try await session.row(of: table, key: key) else {
            throw CommandError(.failed, "there is no row \(key.joined(separator: ", ")) in \(table.name)")
        }
        let columns = table.visibleColumns
        guard listing.format == .table else {
            return try Listing.write(one: row, as: listing.format, table.columns(columns))
        }
        for (column, value) in zip(columns, row.values) {
            try RowText.write(column, value, table)
        }
        for column in table.columns where column.isRedacted { try RowText.write(redacted: column) }
        for key in table.referencedBy {
            let values = zip(key.columns, key.referencedColumns).map { mine, theirs in
                "\(mine)=\(columns.firstIndex { $0.name == theirs }.flatMap { row.values[$0].text } ?? "")"
            }
            try RowText.write(pointer: key, values)
        }
    }

    private func writeFrequency(
        _ session: TenantSession, _ table: TenantTable, _ name: String, _ filter: RowFilter
    ) async throws {
        let counted = try await session.frequency(of: name, in: table, matching: filter, limit: listing.limit)
        let kind = table.column(name)?.kind ?? .text
        let isForPeople = listing.format.isForPeople
        try Listing.write(
            counted.shares, as: listing.format,
            [
                Column("value", title: name) { Value($0.value, kind, isForPeople: isForPeople) },
                Column("rows") { .number($0.rows) },
            ])
        guard isForPeople else { return }
        Narration.say(
            "… \(counted.different) different in \(counted.rows) rows"
                + (counted.isSample ? "; the table has more than these" : ""))
    }
}
