/// Wakes whoever waits at it; rung while nobody does, it is heard by the next who comes.
final class Bell: Sendable {
    let strokes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (strokes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { continuation.yield() }

    /// Nothing will be heard any more.
    func end() { continuation.finish() }
}
