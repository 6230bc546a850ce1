/// A table of a company, as whoever is inside sees it through its window.
public struct TenantTable: Hashable, Sendable, Identifiable {
    /// The table's name, which is its own inside the company.
    public let name: String
    /// How many rows it has by the server's statistics; nil where nothing was ever counted.
    public let estimatedRows: Int64?
    /// What it takes on the disk with its indexes; nil where the server does not tell.
    public let bytes: Int64?
    /// Whether this context may insert rows.
    public let mayInsert: Bool
    /// Whether this context may change at least one column.
    public let mayUpdate: Bool
    /// Whether this context may delete rows.
    public let mayDelete: Bool
    /// All columns in the table's order, those too that are redacted here.
    public let columns: [TableColumn]
    /// The columns that tell rows apart: the primary key, or else what is unique and never NULL; empty where there is none.
    public let key: [String]
    /// The rows of other tables that a row of this one names.
    public let references: [ForeignKey]
    /// The rows of other tables that name a row of this one.
    public let referencedBy: [ForeignKey]
    /// The columns by which an index can page it, each with the order that the index gives.
    let orders: [IndexedOrder]

    /// The name, which no other table of the company has.
    public var id: String { name }

    /// The name by which it is declared.
    ///
    /// An adopted store may have names that a list could not hold, or that mean something else there (`piste.resource_of`).
    public var resource: String {
        let escapes: [Unicode.Scalar: String] = [
            "%": "%25", ",": "%2C", "*": "%2A", " ": "%20", "\t": "%09", "\n": "%0A", "\u{b}": "%0B",
            "\u{c}": "%0C", "\r": "%0D",
        ]
        let isPlain =
            name != "audit" && name != "token" && !name.hasPrefix("tables.")
            && !name.unicodeScalars.contains { escapes[$0] != nil }
        guard !isPlain else { return name }
        return "tables." + name.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
    }

    /// The columns that this context may read.
    public var visibleColumns: [TableColumn] { columns.filter { !$0.isRedacted } }

    /// Whether an index pages it in the order of its key; otherwise every page reads all rows before it.
    public var isPagedByKey: Bool { !key.isEmpty && indexedOrder(by: key[0], alongKey: true) != nil }

    /// The column of this name; nil where there is none.
    public func column(_ name: String) -> TableColumn? { columns.first { $0.name == name } }

    /// The index that pages the table in the order of this column; nil where every page is sorted from all rows.
    public func index(pagingBy column: String) -> String? { indexedOrder(by: column)?.index }

    /// The keys by which a row's column leads to another table's row.
    public func references(from column: String) -> [ForeignKey] {
        references.filter { $0.columns.contains(column) }
    }

    /// The best order that an index gives, by a column, or along the whole key.
    func indexedOrder(by column: String, alongKey: Bool = false) -> IndexedOrder? {
        orders.filter { order in
            alongKey ? order.columns.starts(with: key) : order.columns.first == column
        }.min { left, right in
            // One that goes on with the key needs nothing sorted; of those, the one with the least beside it.
            (left.isWhole ? 0 : 1, left.columns.count, left.index) < (
                right.isWhole ? 0 : 1, right.columns.count, right.index
            )
        }
    }
}

extension TenantTable {
    /// A table as a test tells it, for whoever draws one; `indexed` are the columns of which an index begins.
    package init(
        _ name: String, estimatedRows: Int64? = nil, bytes: Int64? = nil, _ columns: [TableColumn],
        key: [String],
        references: [ForeignKey] = [], referencedBy: [ForeignKey] = [], indexed: [String] = []
    ) {
        self.init(
            name: name, estimatedRows: estimatedRows, bytes: bytes, mayInsert: false, mayUpdate: false,
            mayDelete: false, columns: columns, key: key, references: references, referencedBy: referencedBy,
            orders: (key.isEmpty ? [] : [IndexedOrder(index: "\(name)_pkey", columns: key, isWhole: true)])
                + indexed.map { IndexedOrder(index: "\(name)_by_\($0)", columns: [$0] + key, isWhole: true) })
    }
}

/// The order in which an index gives the rows of a table.
struct IndexedOrder: Hashable, Sendable {
    let index: String
    /// Its columns as far as they serve; behind the first they are never NULL.
    let columns: [String]
    /// Whether no two rows are the same in these columns.
    let isWhole: Bool
}

/// A column of a company's table.
public struct TableColumn: Hashable, Sendable, Identifiable {
    /// The column's name.
    public let name: String
    /// The type as PostgreSQL writes it, for instance `character varying(254)`.
    public let type: String
    /// What kind of value it holds.
    public let kind: ValueKind
    /// Whether it can be NULL.
    public let isNullable: Bool
    /// Whether the company hides it from this context; then it can be neither read nor asked for.
    public let isRedacted: Bool
    /// Who fills it when the client does not.
    public let filled: Filling?
    /// Whether this context may change it.
    public let mayUpdate: Bool
    /// Whether its type has an order of its own; otherwise it is ordered and compared as text.
    let isOrdered: Bool

    /// The name, which no other column of the table has.
    public var id: String { name }

    package init(
        _ name: String, _ type: String, _ kind: ValueKind, isNullable: Bool = false, isRedacted: Bool = false,
        filled: Filling? = nil, mayUpdate: Bool = false, isOrdered: Bool = true
    ) {
        self.name = name
        self.type = type
        self.kind = kind
        self.isNullable = isNullable
        self.isRedacted = isRedacted
        self.filled = filled
        self.mayUpdate = mayUpdate
        self.isOrdered = isOrdered
    }

    /// Who fills a column when the client does not.
    public enum Filling: String, Sendable, Codable { case `default`, identity, generated }
}

/// What a column's values are to a person, whatever the type is called.
public enum ValueKind: String, Sendable, Codable, CaseIterable {
    case text, number, boolean, uuid, json, array, range, composite, bytes
    /// A value of an enumerated type.
    case choice
    /// A moment with its zone (`timestamptz`).
    case moment
    /// A day and a time without a zone (`timestamp`).
    case localMoment = "local_moment"
    case date, time, interval
    /// An address of a network or of a device.
    case network
    /// Points, lines and areas.
    case geometry
    case other

    /// Whether values line up at their right end.
    public var isNumeric: Bool { self == .number }
}

/// Columns of a table that name a row of another, or of the same.
public struct ForeignKey: Hashable, Sendable {
    /// The constraint's name.
    public let name: String
    /// The table whose rows name others.
    public let table: String
    /// Its columns.
    public let columns: [String]
    /// The table whose rows are named.
    public let referencedTable: String
    /// The columns there, in the order of `columns`.
    public let referencedColumns: [String]

    package init(
        _ name: String, _ table: String, _ columns: [String], names referencedTable: String,
        _ referencedColumns: [String]
    ) {
        self.name = name
        self.table = table
        self.columns = columns
        self.referencedTable = referencedTable
        self.referencedColumns = referencedColumns
    }
}
