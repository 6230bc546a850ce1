/// The key sets of identity providers by their address, read when they are needed.
///
/// A set is kept for ten minutes. A token that the kept set does not fit, because its key is not there or another, has the set
/// read once more, for a provider that has just changed its keys; but not more often than every few seconds, whatever tokens come.
actor KeySetCache {
    typealias Download = @Sendable (_ address: String) async throws(TenancyError) -> String

    private struct Kept {
        var keys: JSONWebKeySet
        var readAt: ContinuousClock.Instant
    }

    private let lifetime: Duration
    private let cooldown: Duration
    private let download: Download
    private var kept: [String: Kept] = [:]

    init(
        lifetime: Duration = .seconds(600), cooldown: Duration = .seconds(5),
        download: @escaping Download = KeySetDownload.text
    ) {
        self.lifetime = lifetime
        self.cooldown = cooldown
        self.download = download
    }

    /// The keys at the address, fresh enough to know the key of this name if there is one.
    func keys(at address: String, for kid: String?) async throws(TenancyError) -> JSONWebKeySet {
        if let kept = kept[address] {
            let age = ContinuousClock.now - kept.readAt
            if age < lifetime, !kept.keys.keys(named: kid).isEmpty || age < cooldown { return kept.keys }
        }
        return try await read(address)
    }

    /// The keys at the address read once more; nil when they were read just now.
    func keysAgain(at address: String) async throws(TenancyError) -> JSONWebKeySet? {
        if let kept = kept[address], ContinuousClock.now - kept.readAt < cooldown { return nil }
        return try await read(address)
    }

    private func read(_ address: String) async throws(TenancyError) -> JSONWebKeySet {
        let text = try await download(address)
        let keys: JSONWebKeySet
        do throws(TenancyError) {
            keys = try JSONWebKeySet(text)
        } catch {
            throw TenancyError(.failed, "\(error.message) It is that of \(address).")
        }
        kept[address] = Kept(keys: keys, readAt: .now)
        return keys
    }
}
