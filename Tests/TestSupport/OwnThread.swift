import Glibc

/// A thread for calls that block, in tests.
package enum OwnThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    package static func run(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
            if let raw { Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run() }
            return nil
        }
        let status = pthread_create(&thread, nil, main, Unmanaged.passRetained(Body(body)).toOpaque())
        precondition(status == 0, "no thread")
        pthread_detach(thread)
    }
}
