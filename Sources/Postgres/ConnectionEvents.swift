/// What a connection tells while nobody asks; called on the connection's own thread, so be brief.
struct ConnectionEvents: Sendable {
    var notice: @Sendable (Notice) -> Void = { _ in }
    var notification: @Sendable (Notification) -> Void = { _ in }
    /// Called once, when the connection is found gone without having been closed.
    var lost: @Sendable (PostgresError) -> Void = { _ in }
}
