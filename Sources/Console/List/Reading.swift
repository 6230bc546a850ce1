import Tenancy
import Terminal

/// A read that gives all there is: on its way since when, what came of the last one.
struct Reading: Equatable, Sendable {
    private(set) var pending: RequestID?
    private var since: Milliseconds = 0
    private(set) var isLoaded = false
    private(set) var failure: String?

    /// Since when it waits for an answer; nil when it does not.
    var waitingSince: Milliseconds? { pending == nil ? nil : since }

    init() {}

    /// One whose state is kept elsewhere.
    init(isLoaded: Bool, pending: RequestID?, since: Milliseconds, failure: String?) {
        (self.isLoaded, self.pending, self.since, self.failure) = (isLoaded, pending, since, failure)
    }

    /// What stands where its answer will be: why there is none, or that it is on its way.
    func words(_ state: ConsoleState) -> DisplayText {
        if let failure { return DisplayText(failure) }
        guard let since = waitingSince,
            let picture = Spinner.picture(since: since, now: state.now, ascii: state.glyphs.isASCII)
        else { return "" }
        return picture + " reading · esc cancels"
    }

    /// Begins anew; an answer to what was asked before is nobody's any more.
    mutating func begin(_ shell: inout Shell) -> RequestID {
        let request = shell.nextRequest()
        (pending, since) = (request, shell.now)
        return request
    }

    /// What came of it; nil for the answer to another request, and for a failure, which is said and kept.
    mutating func take<Value>(
        _ request: RequestID, _ result: Result<Value, TenancyError>, _ shell: inout Shell
    ) -> Value? {
        guard pending == request else { return nil }
        pending = nil
        switch result {
        case .success(let value):
            (isLoaded, failure) = (true, nil)
            return value
        case .failure(let error):
            failure = error.sentence
            shell.report(error)
            return nil
        }
    }

    /// No answer will come.
    mutating func forget() { pending = nil }
}
