/// The right of one transaction to have the connection for itself.
final class Turn: Sendable {
    /// The turns that the current task holds, on whatever connections.
    @TaskLocal static var held: [Turn] = []
}
