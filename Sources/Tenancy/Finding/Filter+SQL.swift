import Postgres

/// A filter as the SQL of a company's lists takes it; what was typed travels as parameters alone.
///
/// No index helps a regular expression: every row is read.
extension Filter {
    /// How long a search may take that no index leads to: less than its declaration holds.
    static let patience = Duration.seconds(8)

    /// The condition for rows that have what is wanted; its value is the parameter of this number.
    ///
    /// - Parameters:
    ///   - fragment: the condition for rows that have a fragment, which is that parameter.
    ///   - texts: what a regular expression is looked for in.
    ///   - other: one more condition that makes a row fit.
    func condition(fragment: String, texts: [String], parameter: Int, or other: String? = nil) -> String {
        guard let wanted else { return "true" }
        let condition =
            switch wanted {
            case .fragment: "(\(fragment))"
            case .expression:
                "("
                    + texts.map { "\($0) COLLATE piste.human OPERATOR(pg_catalog.~*) $\(parameter)::text" }
                    .joined(separator: " OR ") + ")"
            }
        let any = other.map { "\(condition) OR \($0)" } ?? condition
        return isInverse ? "NOT (\(any))" : "(\(any))"
    }

    /// Whether what is wanted is one of these words, as it stands: what a list shows of a row's state is found by it, too.
    func isWord(of words: [String]) -> Bool {
        guard case .fragment(let text) = wanted else { return false }
        return words.contains(text.lowercased())
    }

    /// The conditions that its fields make, each with an AND before it; their values join the parameters.
    ///
    /// - Parameter columns: what is compared for each name, and whether the value stands anywhere in it or at its beginning.
    func conditions(
        on columns: [String: (sql: String, isAnywhere: Bool)], _ parameters: inout [Parameter]
    ) -> String {
        var conditions = ""
        for field in fields {
            guard let column = columns[field.name] else { continue }
            parameters.append(.text(field.value))
            let match = FoldedText.matches(
                column.sql, "$\(parameters.count)", at: column.isAnywhere ? .anywhere : .beginning)
            conditions += " AND \(field.isInverse ? "NOT " : "")coalesce(\(match), false)"
        }
        return conditions
    }

    /// The value for `condition`.
    var parameter: Parameter? {
        switch wanted {
        case nil: nil
        case .fragment(let text): .text(text)
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
