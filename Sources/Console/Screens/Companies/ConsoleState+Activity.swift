import Tenancy

extension ConsoleState {
    /// Whether there is a preview to show figures in.
    private var showsPreview: Bool {
        scope == .companies && Layout.hasRoom(size) && Layout(self).preview != nil
    }

    /// Notes which company is selected, and asks for its figures when it has been for a while.
    mutating func noteRest() -> [Effect] {
        guard showsPreview else { return [] }
        companies.activity.select(companies.list.selected?.urlID, at: shell.now)
        guard link == .up, let urlID = companies.activity.urlID, companies.activity.pending == nil,
            shell.now - companies.activity.since >= CompanyActivity.rest,
            companies.activity.days[urlID] == nil
        else { return [] }
        let request = nextRequest()
        companies.activity.pending = request
        return [.control(.loadActivity(request, urlID))]
    }

    /// Milliseconds until the selection has rested for long enough; nil when it has, or when there is nothing to show.
    func untilRested(at now: Milliseconds) -> Milliseconds? {
        guard showsPreview, link == .up, companies.activity.urlID != nil else { return nil }
        let left = companies.activity.since + CompanyActivity.rest - now
        return left > 0 ? left : nil
    }

    mutating func takeActivity(
        _ request: RequestID, _ urlID: String, _ result: Result<[Int], TenancyError>
    ) {
        guard companies.activity.pending == request else { return }
        companies.activity.pending = nil
        // Figures that can't be had leave their place empty until `r`; nobody is stopped for them.
        companies.activity.keep((try? result.get()) ?? [], of: urlID)
    }
}
