import Synchronization

/// Hands what a connection hears with LISTEN to whoever asked for that channel.
final class Switchboard: Sendable {
    private let lines = Mutex<[String: @Sendable () -> Void]>([:])

    /// From now on `heard` is called for this channel, in place of whoever was before.
    func connect(_ channel: String, to heard: @escaping @Sendable () -> Void) {
        lines.withLock { $0[channel] = heard }
    }

    func ring(_ channel: String) {
        lines.withLock { $0[channel] }?()
    }
}
