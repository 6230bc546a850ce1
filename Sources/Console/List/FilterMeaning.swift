import Tenancy

/// What holds of a filter while it is typed: the last text that was one, and what is wrong with the line as it stands.
struct FilterMeaning: Equatable, Sendable {
    /// The list shows the rows of this text.
    private(set) var text = ""
    private(set) var problem: String?

    /// An expression that is wrong, perhaps only because it is not written to its end, leaves the list as it is.
    mutating func read(_ typed: String) {
        do throws(TenancyError) {
            text = try Filter(typed).wanted == nil ? "" : typed
            problem = nil
        } catch {
            problem = error.message
        }
    }

    /// Whether a row with these texts is admitted.
    func admits(_ texts: [String?]) -> Bool {
        guard !text.isEmpty, let filter = try? Filter(text) else { return true }
        return filter.admits(texts)
    }

    /// The rows that are admitted, in their order.
    func admitted<Row>(of rows: [Row], _ texts: (Row) -> [String?]) -> [Row] {
        guard !text.isEmpty, let filter = try? Filter(text) else { return rows }
        return rows.filter { filter.admits(texts($0)) }
    }
}
