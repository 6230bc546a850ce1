/// Hears NOTIFY on a connection of its own, asleep between two notifications.
package final class Listener: Sendable {
    package enum Event: Sendable {
        case notification(Notification)
        /// The connection is gone, and nothing more will be heard.
        case lost(PostgresError)
    }

    private let connection: Connection

    private init(_ connection: Connection) {
        self.connection = connection
    }

    /// Connects; `onEvent` is called on the connection's thread, so be brief there.
    nonisolated(nonsending) package static func open(
        _ settings: ConnectionSettings,
        onEvent: @escaping @Sendable (Event) -> Void
    ) async throws(PostgresError) -> Listener {
        let events = ConnectionEvents(
            notification: { onEvent(.notification($0)) },
            lost: { onEvent(.lost($0)) },
        )
        return Listener(try await Connection.open(settings, cancelGrace: .seconds(5), events))
    }

    /// Connects, and gives what is heard as a stream that ends with `.lost` or with `close()`.
    nonisolated(nonsending) package static func stream(
        _ settings: ConnectionSettings
    ) async throws(PostgresError) -> (listener: Listener, events: AsyncStream<Event>) {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let listener = try await open(settings) { event in
            continuation.yield(event)
            if case .lost = event { continuation.finish() }
        }
        listener.connection.thread.whenEnded { continuation.finish() }
        return (listener, events)
    }

    /// Begins to hear a channel; returns when nothing sent from now on can be missed.
    nonisolated(nonsending) package func listen(to channel: String) async throws(PostgresError) {
        try await connection.run(script: "LISTEN " + Quoted.identifier(channel), deadline: .seconds(10))
    }

    nonisolated(nonsending) package func unlisten(_ channel: String) async throws(PostgresError) {
        try await connection.run(script: "UNLISTEN " + Quoted.identifier(channel), deadline: .seconds(10))
    }

    nonisolated(nonsending) package func close() async {
        await connection.close()
    }

    /// Ends it without waiting for the server.
    package func abandon() {
        connection.abandon()
    }

    package var isAlive: Bool { connection.isAlive }
    package var backendPID: Int32 { connection.backendPID }
}
