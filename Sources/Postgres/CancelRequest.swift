import CLibpq
import Host
import Synchronization

/// Asks the server to stop the statement that runs, over a connection of its own that libpq makes.
///
/// `PQcancel` blocks until the server has taken the request, so every request has a thread of its own.
final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer
    private let inFlight = Atomic<Bool>(false)

    init?(_ connection: OpaquePointer) {
        guard let handle = PQgetCancel(connection) else { return nil }
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// A request that is still under way could hit the next statement: none may begin before it is over.
    var isInFlight: Bool { inFlight.load(ordering: .acquiring) }

    /// Sends a request unless one is under way; `done` is called on the request's thread.
    func send(done: @escaping @Sendable () -> Void) {
        guard
            inFlight.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
                .exchanged
        else { return }
        let began = DedicatedThread.run(named: "piste-cancel") {
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { complaint in
                _ = PQcancel(self.handle, complaint.baseAddress, Int32(complaint.count))
            }
            self.inFlight.store(false, ordering: .releasing)
            done()
        }
        if !began { inFlight.store(false, ordering: .releasing) }
    }
}
