/// What a schema holds and who reads it, as the catalogs tell.
public struct SchemaLook: Hashable, Sendable, Decodable {
    /// The schema.
    public let schema: String
    /// Whose it is.
    public let owner: String
    /// How many tables and materialized views it has.
    public let tables: Int
    /// Their rows by the server's statistics.
    public let estimatedRows: Int64
    /// What they take on the disk.
    public let bytes: Int64
    /// A digest of its structure, equal for equal schemas.
    public let structure: String
    /// Who reads at least one of its tables today without any right of Piste's, superusers aside.
    public let readers: [String]
    /// Why it can be nobody's store; nil when it can.
    public let problem: String?
    /// The company that it is already, or is observed as.
    public let urlID: String?
    /// `people` or `all` for an adopted store, by how far it is guarded, `observe` for one that is only known, `native` for
    /// one that Piste made.
    public let standing: String?

    enum CodingKeys: String, CodingKey {
        case owner, tables, bytes, structure, readers, problem
        case schema = "schema_name"
        case estimatedRows = "rows_estimate"
        case urlID = "url_id"
        case standing = "adopted"
    }
}

/// What would become of one table of a schema.
public struct TableLook: Hashable, Sendable, Decodable {
    /// How a table fares.
    public enum Verdict: String, Sendable, Decodable {
        /// A window shows it as it is.
        case taken
        /// Something is added to it first.
        case changed
        /// It gets no window.
        case refused
    }

    /// The table's name.
    public let name: String
    /// A table, a partitioned table, a view and so on, in words.
    public let kind: String
    /// What becomes of it.
    public let verdict: Verdict
    /// What is changed, or why it is refused.
    public let words: String?
    /// Its columns in their order.
    public let columns: [String]
    /// Those that look like secrets by their names.
    public let secrets: [String]
}

/// Schemas of one structure.
public struct SchemaFamily: Hashable, Sendable {
    /// Its schemas by name; the first stands for all.
    public let schemas: [String]
    /// The first difference from the largest family, in words; nil for that one.
    public let difference: String?
    /// What becomes of the tables of each.
    public let tables: [TableLook]

    package init(schemas: [String], difference: String?, tables: [TableLook]) {
        self.schemas = schemas
        self.difference = difference
        self.tables = tables
    }
}
