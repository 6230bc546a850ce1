import TestSupport
import Testing

/// One hostile statement, and the SQLSTATEs with which PostgreSQL may refuse it.
///
/// In the statement `{acme}` and `{globex}` are the companies' stores, `{acme-windows}` and `{globex-windows}` their windows,
/// `{bob}`, `{carol}` and `{database}` names.
struct Probe: Sendable, CustomTestStringConvertible {
    /// The number in the research's list, or `N` and a number of our own.
    let number: String
    let sql: String
    let states: Set<String>

    init(_ number: String, _ sql: String, _ states: String...) {
        self.number = number
        self.sql = sql
        self.states = states.isEmpty ? ["42501"] : Set(states)
    }

    var testDescription: String { "\(number): \(sql)" }

    func statement(in world: EngineWorld) -> String {
        var text = sql
        for (name, value) in [
            ("{acme}", world.acme), ("{globex}", world.globex), ("{bob}", world.bob),
            ("{acme-windows}", world.acme.windows), ("{globex-windows}", world.globex.windows),
            ("{carol}", world.carol),
            ("{database}", world.database.name),
        ] {
            text = text.split(separator: name, omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }
}
