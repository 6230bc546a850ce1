import Dispatch
import Synchronization

/// Lets a synchronous command wait for async work; Ctrl-C meanwhile cancels the work, and with it the query.
///
/// The first thread is no thread of the pool, so that nothing starves while it waits.
func waitFor<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let box = Box<Value>()
    let task = Task.detached {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        box.outcome.withLock { $0 = outcome }
        done.signal()
    }
    let token = Interruption.shared.begin { task.cancel() }
    done.wait()
    let wasInterrupted = Interruption.shared.end(token)
    guard let outcome = box.outcome.withLock({ $0 }) else { throw CancellationError() }
    if wasInterrupted, case .failure = outcome { throw CommandError(.interrupted, "interrupted") }
    return try outcome.get()
}

private final class Box<Value: Sendable>: Sendable {
    let outcome = Mutex<Result<Value, any Error>?>(nil)
}
