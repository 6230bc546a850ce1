import Synchronization

/// Statements that go to the server together with whatever statement comes first, in one exchange.
///
/// What begins a transaction need not be waited for by itself. Nothing is sent when no statement comes.
package final class Preamble: Sendable {
    /// One statement, with its parameters.
    package struct Part: Sendable {
        let sql: String
        let parameters: [Parameter]

        package init(_ sql: String, _ parameters: [Parameter] = []) {
            self.sql = sql
            self.parameters = parameters
        }
    }

    private let parts: [Part]
    private let sent = Mutex(false)

    package init(_ parts: [Part]) {
        self.parts = parts
    }

    /// Whether the statements are on their way, or were.
    package var isSent: Bool { sent.withLock { $0 } }

    /// The statements, for whoever comes first.
    func take() -> [Part] {
        sent.withLock { sent in
            defer { sent = true }
            return sent ? [] : parts
        }
    }
}
