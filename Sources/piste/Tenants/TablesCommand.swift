import ArgumentParser
import Listing
import Tenancy

/// `piste tables`: the tables of a company, or the columns of one.
struct TablesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables",
        abstract: "List the tables of a company, or the columns of one, with keys and what leads where.",
        discussion: """
            Examples:
              piste tables acme
              piste tables acme invoices --format json
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Argument(help: "A table: its columns are listed.")
    var table: String?

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (name, format) = (table, form.format)
        try Target.find(database).inside(company) { session in
            guard let name else {
                return try Listing.write(try await session.tables(), as: format, Self.columns)
            }
            let table = try await session.existingTable(name)
            try Listing.write(table.columns, as: format, Self.columns(of: table))
        }
    }

    static let columns: [Column<TenantTable>] = [
        Column("name", isIdentity: true) { .text($0.name) },
        Column("estimated_rows", title: "≈ROWS") { Value($0.estimatedRows.map { Int($0) }) },
        Column("bytes") { Value($0.bytes.map { Int($0) }) },
        Column("key") { Value($0.key.isEmpty ? nil : $0.key.joined(separator: ",")) },
        Column("columns") { Value($0.columns.count) },
        Column("redacted") { .list($0.columns.filter(\.isRedacted).map(\.name)) },
        Column("references", title: "NAMES ROWS OF") { .list($0.references.map(\.referencedTable)) },
        Column("referenced_by", title: "NAMED BY") { .list($0.referencedBy.map(\.table)) },
        Column("paged_by_key", isDetail: true) { .truth($0.isPagedByKey) },
    ]

    private static func columns(of table: TenantTable) -> [Column<TableColumn>] {
        [
            Column("name", isIdentity: true) { .text($0.name) },
            Column("type") { .text($0.type) },
            Column("kind", isDetail: true) { .text($0.kind.rawValue) },
            Column("nullable", title: "NULL") { .truth($0.isNullable) },
            Column("key") { column in Value(table.key.firstIndex(of: column.name).map { $0 + 1 }) },
            Column("redacted") { .truth($0.isRedacted) },
            Column("may_update", title: "YOURS TO CHANGE") { .truth($0.mayUpdate) },
            Column("filled") { Value($0.filled?.rawValue) },
            Column("index") { Value(table.index(pagingBy: $0.name)) },
            Column("references", title: "NAMES ROWS OF") { column in
                .list(
                    table.references(from: column.name).map {
                        "\($0.referencedTable)(\($0.referencedColumns.joined(separator: ",")))"
                    })
            },
        ]
    }
}

extension Value {
    /// Names one behind the other, each once; nothing where there are none.
    fileprivate static func list(_ names: [String]) -> Value {
        let different = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return Value(different.isEmpty ? nil : different.joined(separator: ","))
    }
}

extension TenantSession {
    /// The table of this name; throws with the names that there are.
    func existingTable(_ name: String) async throws -> TenantTable {
        do throws(TenancyError) {
            return try await table(name)
        } catch {
            guard error.code == .notFound else { throw error }
            throw CommandError(.failed, error.message, remedy: "piste tables COMPANY lists them")
        }
    }
}
