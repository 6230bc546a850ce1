import Synchronization

/// The key sets that a client fetched, so that not every sign-in asks the provider.
final class KeySetCache: Sendable {
    private struct Entry {
        let keys: KeySet
        let fetchedAt: ContinuousClock.Instant
    }

    /// How long a key set is believed.
    private static let life = Duration.seconds(300)
    /// How old one must be before a key that it lacks is a reason to fetch it again: strangers present made-up keys.
    private static let patience = Duration.seconds(10)

    private let entries = Mutex<[String: Entry]>([:])

    /// The provider's keys: those at hand, or fetched when they are old, or lack a key that a provider may have made since.
    func keys(
        at address: String, for keyID: String?,
        fetching: @Sendable (String) async throws -> [UInt8]
    ) async throws -> KeySet {
        let known = entries.withLock { $0[address] }
        if let known {
            let age = ContinuousClock.now - known.fetchedAt
            if age < Self.life, age < Self.patience || known.keys.key(named: keyID) != nil {
                return known.keys
            }
        }
        let keys = try KeySet(try await fetching(address))
        entries.withLock { $0[address] = Entry(keys: keys, fetchedAt: .now) }
        return keys
    }
}
