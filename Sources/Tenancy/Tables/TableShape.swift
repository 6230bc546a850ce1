/// What the catalogs say of a company's tables, as one JSON object.
struct TableShape: Decodable {
    struct Table: Decodable {
        let name: String
        let mayInsert: Bool
        let mayUpdate: Bool
        let mayDelete: Bool
        let estimate: Int64?
        let bytes: Int64?

        enum CodingKeys: String, CodingKey {
            case name, estimate, bytes
            case mayInsert = "may_insert"
            case mayUpdate = "may_update"
            case mayDelete = "may_delete"
        }
    }

    struct Column: Decodable {
        let table: String
        let name: String
        let type: String
        let kind: ValueKind
        let filled: TableColumn.Filling?
        let notNull: Bool
        let shown: Bool
        let mayUpdate: Bool
        let ordered: Bool

        enum CodingKeys: String, CodingKey {
            case table, name, type, kind, filled, shown, ordered
            case notNull = "not_null"
            case mayUpdate = "may_update"
        }
    }

    struct Index: Decodable {
        struct Part: Decodable {
            /// Nil for an expression.
            let column: String?
            /// PostgreSQL's bits: 1 goes down, 2 has NULL first.
            let option: Int
            /// Whether it has the order that ORDER BY asks for.
            let isPlain: Bool

            enum CodingKeys: String, CodingKey {
                case column, option
                case isPlain = "is_plain"
            }
        }

        let table: String
        let name: String
        let isUnique: Bool
        let isPrimary: Bool
        let parts: [Part]

        enum CodingKeys: String, CodingKey {
            case table, name, parts
            case isUnique = "is_unique"
            case isPrimary = "is_primary"
        }
    }

    struct Key: Decodable {
        let name: String
        let table: String
        let columns: [String]
        let referencedTable: String
        let referencedColumns: [String]

        enum CodingKeys: String, CodingKey {
            case name, table, columns
            case referencedTable = "referenced_table"
            case referencedColumns = "referenced_columns"
        }
    }

    let tables: [Table]
    let columns: [Column]
    let indexes: [Index]
    let keys: [Key]

    /// One table with what leads away from it and to it; a key with a column that is redacted here is left out.
    func table(_ table: Table) -> TenantTable {
        let columns = columns.filter { $0.table == table.name }.map { column in
            TableColumn(
                column.name, column.type, column.kind, isNullable: !column.notNull, isRedacted: !column.shown,
                filled: column.filled, mayUpdate: column.mayUpdate, isOrdered: column.ordered)
        }
        let indexes = indexes.filter { $0.table == table.name }
        let key = Self.key(indexes, columns)
        let foreign = keys.filter {
            ($0.table == table.name || $0.referencedTable == table.name)
                && sees($0.table, $0.columns) && sees($0.referencedTable, $0.referencedColumns)
        }
        .map {
            ForeignKey($0.name, $0.table, $0.columns, names: $0.referencedTable, $0.referencedColumns)
        }
        return TenantTable(
            name: table.name, estimatedRows: table.estimate, bytes: table.bytes, mayInsert: table.mayInsert,
            mayUpdate: table.mayUpdate, mayDelete: table.mayDelete, columns: columns, key: key,
            references: foreign.filter { $0.table == table.name },
            referencedBy: foreign.filter { $0.referencedTable == table.name },
            orders: indexes.compactMap { Self.order($0, columns, key) })
    }

    private func sees(_ table: String, _ names: [String]) -> Bool {
        names.allSatisfy { name in columns.contains { $0.table == table && $0.name == name && $0.shown } }
    }

    /// The primary key, else the shortest that is unique and never NULL; all of it is to be seen.
    private static func key(_ indexes: [Index], _ columns: [TableColumn]) -> [String] {
        indexes.filter { index in
            index.isUnique
                && index.parts.allSatisfy { part in
                    columns.contains { $0.name == part.column && !$0.isNullable && !$0.isRedacted }
                }
        }.min { left, right in
            (left.isPrimary ? 0 : 1, left.parts.count, left.name) < (
                right.isPrimary ? 0 : 1, right.parts.count, right.name
            )
        }?.parts.compactMap(\.column) ?? []
    }

    /// The order that an index gives, as far as its columns go one way and serve; nil where its first does not.
    private static func order(_ index: Index, _ columns: [TableColumn], _ key: [String]) -> IndexedOrder? {
        var names: [String] = []
        var goesDown: Bool?
        for part in index.parts {
            guard let column = columns.first(where: { $0.name == part.column }), part.isPlain,
                column.isOrdered,
                !column.isRedacted
            else { break }
            let isDown = part.option & 1 == 1
            let hasNullFirst = part.option & 2 == 2
            guard goesDown ?? isDown == isDown, column.isNullable ? hasNullFirst == isDown : true,
                names.isEmpty || !column.isNullable
            else { break }
            goesDown = isDown
            names.append(column.name)
        }
        guard let first = names.first else { return nil }
        let isUnique = index.isUnique && names.count == index.parts.count
        let isNeverNull = columns.contains { $0.name == first && !$0.isNullable }
        let holdsKey = !key.isEmpty && key.allSatisfy(names.contains)
        return IndexedOrder(index: index.name, columns: names, isWhole: isUnique && isNeverNull || holdsKey)
    }
}
