import Tenancy

/// How busy the audit trails of companies were, of those that the selection rested on: counts a day, and nothing else.
struct CompanyActivity: Equatable, Sendable {
    /// How long the selection stays on a company before its figures are worth a look: whoever runs through the list pays
    /// nothing for them.
    static let rest: Milliseconds = 300
    /// The most companies remembered.
    private static let capacity = 500

    private(set) var days: [String: [Int]] = [:]
    /// The selected company, and since when it is.
    private(set) var urlID: String?
    private(set) var since: Milliseconds = 0
    var pending: RequestID?

    mutating func select(_ urlID: String?, at now: Milliseconds) {
        guard urlID != self.urlID else { return }
        self.urlID = urlID
        since = now
    }

    mutating func keep(_ days: [Int], of urlID: String) {
        if self.days.count >= Self.capacity { self.days = [:] }
        self.days[urlID] = days
    }

    /// What is known of a company, once the selection has rested on it.
    func shown(of urlID: String, at now: Milliseconds) -> [Int]? {
        urlID == self.urlID && now - since >= Self.rest ? days[urlID] : nil
    }
}
