import Tenancy

/// A row of a keyset-paged list: it knows where it stands.
protocol Anchored: Identifiable, Hashable, Sendable where ID: Sendable {
    associatedtype Anchor: Hashable & Sendable
    var anchor: Anchor { get }
}

extension Company: Anchored {
    var anchor: String { urlID }
}

extension User: Anchored {
    var anchor: Keyset { keyset }
}

extension Journey: Anchored {
    var anchor: Keyset { keyset }
}
