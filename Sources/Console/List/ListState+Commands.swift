import Tenancy
import Terminal

extension ListState {
    /// Moves the selection; gives the page to read for it.
    mutating func move(_ movement: Movement, height: Int) -> Place? {
        switch movement {
        case .down: move(by: 1, height: height)
        case .up: move(by: -1, height: height)
        case .pageDown: move(by: max(1, height), height: height)
        case .pageUp: move(by: -max(1, height), height: height)
        case .halfPageDown: move(by: max(1, height / 2), height: height)
        case .halfPageUp: move(by: -max(1, height / 2), height: height)
        case .first: moveToStart(height: height)
        case .last: moveToEnd(height: height)
        }
    }

    /// Edits the filter; starts over, and says so, where that gives another one.
    mutating func edit(_ edit: (inout TextField) -> Void) -> Bool {
        let before = meaning.text
        edit(&filter)
        guard meaning.text != before else { return false }
        restart()
        return true
    }

    /// Whether a failure is only that of a search that was typed over and cancelled for it.
    func isOvertaken(_ error: TenancyError) -> Bool {
        error.code == .cancelled && pending?.isOutdated == true
    }

    /// Notes a request as under way; nil when another one is, and this one has to wait for it.
    mutating func begin(_ place: Place, id: RequestID, at now: Milliseconds) -> RequestID? {
        guard pending == nil else {
            // Rows of another filter have no next page that anybody wants.
            queued = isStale ? .start : place
            return nil
        }
        pending = Pending(request: id, place: place, since: now)
        return id
    }

    /// Waits for no answer any more.
    mutating func forgetReads() { (pending, queued) = (nil, nil) }

    /// Takes what came of a request; gives the page to ask for next, where one waited for this answer.
    ///
    /// - Parameter gone: what is said when the selected row is not in the list any more.
    mutating func take(
        _ request: RequestID, _ place: Place, _ result: Result<Page<Row>, TenancyError>,
        gone: DisplayText? = nil, height: Int? = nil, _ shell: inout Shell
    ) -> Place? {
        guard pending?.request == request else { return nil }
        switch result {
        case .success(let page):
            if accept(page, at: place, height: height ?? shell.listRows), let gone {
                shell.say(gone, .warning)
            }
        case .failure(let error):
            if !isOvertaken(error) { shell.report(error) }
            fail(error.sentence)
        }
        return takeQueued()
    }

    /// The page that was asked for while another was on its way.
    mutating func takeQueued() -> Place? {
        defer { queued = nil }
        return queued
    }
}
