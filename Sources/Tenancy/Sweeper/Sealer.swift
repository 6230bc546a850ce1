/// Seals entries soon after they were made, whenever it is rung; several rings within a moment are one.
package final class Sealer: Sendable {
    private let bell = Bell()
    private let task: Task<Void, Never>
    /// Entries that come up together are sealed together.
    private static let pause = Duration.milliseconds(150)

    package init(_ client: TenancyClient) {
        task = Task.detached { [bell] in
            for await _ in bell.strokes {
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
                // A failure is left to the next ring, and to whoever else seals.
                _ = try? await client.seal()
            }
        }
        bell.ring()
    }

    package func ring() { bell.ring() }

    package func end() {
        bell.end()
        task.cancel()
    }
}
