import Postgres

/// A filter as the SQL of a company's lists takes it; what was typed travels as parameters alone.
///
/// No index helps a regular expression: every row is read.
extension Filter {
    /// How long a search may take that no index leads to: less than its declaration holds.
    static let patience = Duration.seconds(8)

    /// The condition for rows whose text in small letters is `small`, or which have the `texts`; its value is the parameter
    /// of this number.
    func condition(small: String, texts: [String], parameter: Int) -> String {
        guard let wanted else { return "true" }
        let condition =
            switch wanted {
            case .fragment: "\(small) OPERATOR(pg_catalog.~~) \(Fragment.lowered("$\(parameter)::text"))"
            case .expression:
                "("
                    + texts.map { "\($0) COLLATE piste.human OPERATOR(pg_catalog.~*) $\(parameter)::text" }
                    .joined(separator: " OR ") + ")"
            }
        return isInverse ? "NOT (\(condition))" : "(\(condition))"
    }

    /// The value for `condition`.
    var parameter: Parameter? {
        switch wanted {
        case nil: nil
        case .fragment(let text): Fragment(text).map { .text($0.pattern) }
        case .expression(let expression): .text(expression.inPostgreSQL)
        }
    }

    /// The value and the manner in which the engine's own functions take a search.
    var search: [Parameter] {
        let manner = isInverse ? "no_" : ""
        return switch wanted {
        case nil: [Parameter(nil as String?), .text("fragment")]
        case .fragment(let text): [.text(text), .text(manner + "fragment")]
        case .expression(let expression): [.text(expression.inPostgreSQL), .text(manner + "expression")]
        }
    }

    /// What a fragment is typed as, so that it is taken for nothing else.
    public static func typed(_ fragment: String) -> String {
        fragment.first == "!" || fragment.first == "/" ? "\\" + fragment : fragment
    }

    /// A failure of a read with this filter; one that took too long says what would be quick.
    func explained(_ error: TenancyError) -> TenancyError {
        guard error.code == .deadlineExceeded, !isIndexed else { return error }
        return TenancyError(
            .deadlineExceeded,
            "Too many rows to look through: ! and / / read every row, a plain text is found by index. Narrow it down."
        )
    }
}
