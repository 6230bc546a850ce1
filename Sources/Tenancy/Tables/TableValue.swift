import Postgres
import Text

/// One value of a row, as PostgreSQL writes it.
///
/// It is not safe to print as it is, like every text of a tenant. Numbers, far dates, `infinity`, `NaN` and years before Christ
/// stay the text that they are: nothing is lost, and nothing is calculated.
public struct TableValue: Hashable, Sendable {
    /// The value, in a list perhaps only its beginning; nil for NULL.
    public let text: String?
    /// How many bytes the whole value has.
    public let bytes: Int
    /// Whether `text` is all of it.
    public let isWhole: Bool

    /// A moment in the form that every other moment has in data: ISO 8601 in UTC, six decimals; nil for what is none.
    package var exactMoment: String? { text.flatMap { Timestamp($0) }?.isoText }

    /// Whether there is no value.
    public var isNull: Bool { text == nil }

    package init(text: String?, bytes: Int, isWhole: Bool) {
        self.text = text
        self.bytes = bytes
        self.isWhole = isWhole
    }

    /// A whole value.
    package init(_ text: String) { self.init(text: text, bytes: text.utf8.count, isWhole: true) }

    /// NULL.
    public static let null = TableValue(text: nil, bytes: 0, isWhole: true)
}

/// One row of a company's table.
public struct TableRow: Hashable, Sendable, Identifiable {
    /// The values, in the order of the page's columns.
    public let values: [TableValue]
    /// The values of the table's key, by which the row is found again; nil where the table has none.
    public let key: [String]?
    /// Where it stands in the order in which it was read.
    public let place: RowPlace

    package init(values: [TableValue], key: [String]?, place: RowPlace) {
        self.values = values
        self.key = key
        self.place = place
    }

    /// The key, or where there is none, the place.
    public var id: RowPlace { key.map { RowPlace($0) } ?? place }
}

/// Where a row stands in an order: the values of the columns that order it, as PostgreSQL writes them.
///
/// In a table without a key it is the number of rows before it. `description` goes into a link or a command line, and
/// `init(_:)` reads it.
public struct RowPlace: Hashable, Sendable, LosslessStringConvertible {
    let values: [String?]

    package init(_ values: [String?]) {
        self.values = values
    }

    /// Reads what `description` wrote; nil for anything else.
    public init?(_ description: String) {
        var values: [String?] = []
        for part in description.split(separator: ".", omittingEmptySubsequences: false) {
            if part == "~" {
                values.append(nil)
            } else if let bytes = Base64URL.bytes(part), let text = String(validating: bytes, as: UTF8.self) {
                values.append(text)
            } else {
                return nil
            }
        }
        self.values = values
    }

    /// The place in letters that any address and any shell takes.
    public var description: String {
        values.map { value in value.map { Base64URL.text(Array($0.utf8)) } ?? "~" }.joined(separator: ".")
    }
}

/// How often the values of a column occur.
public struct ColumnFrequency: Hashable, Sendable {
    /// A value and how many rows have it.
    public struct Share: Hashable, Sendable {
        /// The value, or its beginning.
        public let value: TableValue
        /// How many rows have it.
        public let rows: Int64

        package init(value: TableValue, rows: Int64) {
            self.value = value
            self.rows = rows
        }
    }

    /// The most frequent values, the first the most frequent.
    public let shares: [Share]
    /// How many rows were counted.
    public let rows: Int64
    /// How many different values there are among them, NULL being one.
    public let different: Int64
    /// Whether the table has more rows than were counted.
    public let isSample: Bool

    package init(shares: [Share], rows: Int64, different: Int64, isSample: Bool) {
        self.shares = shares
        self.rows = rows
        self.different = different
        self.isSample = isSample
    }
}
