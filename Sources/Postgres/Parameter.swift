/// A value that goes to the server beside the SQL text, never inside it.
package enum Parameter: Sendable, Hashable {
    case null
    /// Sent without a type, so that the server reads it as what the statement needs there: uuid, jsonb, …
    case text(String)
    case int(Int64)
    case bool(Bool)
    case double(Double)
    case bytes([UInt8])

    /// The text, or NULL.
    package init(_ value: String?) {
        self = value.map(Parameter.text) ?? .null
    }

    /// The number, or NULL.
    package init(_ value: Int?) {
        self = value.map { .int(Int64($0)) } ?? .null
    }

    /// The truth value, or NULL.
    package init(_ value: Bool?) {
        self = value.map(Parameter.bool) ?? .null
    }

    /// The moment as the server reads it back without loss, or NULL.
    package init(_ value: Timestamp?) {
        self = value.map { .text($0.description) } ?? .null
    }
}

extension Parameter: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(nilLiteral: ()) { self = .null }
}
