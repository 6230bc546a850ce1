public import FoundationEssentials
import Postgres

/// A value that goes to a company's tables beside the SQL text, never inside it.
public enum TenantValue: Hashable, Sendable {
    case null
    /// Read by the server as what its place needs: text, uuid, date, jsonb, …
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case bytes([UInt8])

    /// The moment, to the microsecond.
    public static func moment(_ date: Date) -> TenantValue {
        .text(Timestamp(secondsSince1970: date.timeIntervalSince1970).description)
    }

    /// The value as JSON.
    ///
    /// - Throws: `invalid` for what cannot be written as JSON.
    public static func json(_ value: some Encodable) throws(TenancyError) -> TenantValue {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return .text(String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            throw TenancyError(.invalid, "The value cannot be written as JSON.")
        }
    }

    var parameter: Parameter {
        switch self {
        case .null: .null
        case .text(let text): .text(text)
        case .integer(let number): .int(number)
        case .number(let number): .double(number)
        case .boolean(let truth): .bool(truth)
        case .bytes(let bytes): .bytes(bytes)
        }
    }
}

extension TenantValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// The text, whatever is interpolated in it.
    public init(stringLiteral value: String) { self = .text(value) }
    /// The whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// The number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
}
