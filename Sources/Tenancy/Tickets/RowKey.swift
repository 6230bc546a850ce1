import Text

/// A row's place in a list: the values of the columns that order it.
///
/// It goes into a link and comes back as it was: `description` is its text, and `init(_:)` reads that.
public struct RowKey: Hashable, Sendable, Codable, LosslessStringConvertible {
    /// The values as PostgreSQL writes them, in the order of the columns.
    public let values: [String]

    /// A place before or behind which a page begins.
    public init(_ values: [String]) {
        self.values = values
    }

    /// Reads what `description` wrote; nil for anything else.
    public init?(_ description: String) {
        var values: [String] = []
        for part in description.split(separator: ".", omittingEmptySubsequences: false) {
            guard let bytes = Base64URL.bytes(part) else { return nil }
            values.append(String(decoding: bytes, as: UTF8.self))
        }
        self.values = values
    }

    /// The place in letters that any address takes.
    public var description: String {
        values.map { Base64URL.text(Array($0.utf8)) }.joined(separator: ".")
    }
}

/// Rows of a table in the order of a key, and where the next ones begin.
public struct RowPage: Sendable {
    /// The rows, in the order of the key.
    public let rows: [TenantRow]
    /// The last row's place; nil at the end of the table.
    public let next: RowKey?
}
