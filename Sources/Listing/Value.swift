package import FoundationEssentials
package import Tenancy

/// One value of a list, still exact: each form writes it in its own way.
package enum Value: Hashable, Sendable {
    case none
    case text(String)
    case number(Int64)
    case truth(Bool)
    case moment(Date)
    /// JSON text from the server, valid as it is; a number of any length is one.
    case json(String)

    /// The text, or nothing.
    package init(_ text: String?) {
        self = text.map(Value.text) ?? .none
    }

    /// The number, or nothing.
    package init(_ number: Int?) {
        self = number.map { .number(Int64($0)) } ?? .none
    }

    /// The moment, or nothing.
    package init(_ date: Date?) {
        self = date.map(Value.moment) ?? .none
    }
}

extension Value {
    /// A value of a row.
    ///
    /// For people it is as PostgreSQL writes it, for programs as a number, a truth value or JSON where it is one,
    /// and a moment in UTC. What is cut ends in a mark.
    package init(_ value: TableValue, _ kind: ValueKind, isForPeople: Bool) {
        guard let text = value.text else {
            self = .none
            return
        }
        guard value.isWhole else {
            self = .text(isForPeople ? text + "… (\(value.bytes) bytes)" : text + "…")
            return
        }
        guard !isForPeople else {
            self = .text(text)
            return
        }
        self =
            switch kind {
            case .boolean: .truth(text == "true" || text == "t")
            case .number where Self.isJSONNumber(text), .json: .json(text)
            case .moment: .text(value.exactMoment ?? text)
            default: .text(text)
            }
    }

    /// Whether JSON writes this number so; it knows neither `NaN` nor infinity nor a currency.
    private static func isJSONNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func digits(_ rest: inout Substring.UTF8View) -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let leading = rest.first
        let whole = digits(&rest)
        guard whole > 0, whole == 1 || leading != UInt8(ascii: "0") else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits(&rest) > 0 else { return false }
        }
        if let exponent = rest.first, exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
            }
            guard digits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }
}
