public import FoundationEssentials

/// A job out of a company's outbox, leased by whoever drained it.
public struct Job: Hashable, Sendable, Identifiable {
    /// Its number, which `enqueue` gave.
    public let id: String
    /// The company that it is for.
    public let urlID: String
    /// What is to be done.
    public let kind: String
    /// What is to be known for it: JSON, as it was enqueued.
    public let payload: String
    /// How often it was leased: 1 at first.
    public let attempt: Int
    /// Since when it waits.
    public let enqueuedAt: Date
    /// The lease under which it was given out.
    public let lease: String
}

/// What waits in a company's outbox.
public struct OutboxFigures: Hashable, Sendable {
    /// The company.
    public let urlID: String
    /// How many jobs nobody has acknowledged.
    public let waiting: Int
    /// How many of them somebody is at.
    public let leased: Int
    /// Since when the oldest waits.
    public let oldest: Date
}
