import Glibc

/// A thread for calls that block, so that the cooperative pool never waits for a server.
package enum DedicatedThread {
    fileprivate final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread that takes no signals; false when the system grants no thread.
    ///
    /// The name shows in `ps -L` and has at most 15 bytes.
    package static func run(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        // Signals belong to the first thread, and SIGPIPE (PQcancel sends without MSG_NOSIGNAL) to nobody.
        // The new thread inherits the mask, so that there is no moment without it.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let status = pthread_create(&thread, nil, threadMain, start)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        guard status == 0 else {
            Unmanaged<Start>.fromOpaque(start).release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// The Swift view of glibc has neither `pthread_setname_np` nor `prctl`.
    fileprivate static func setName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }
}

private func threadMain(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let raw else { return nil }
    let start = Unmanaged<DedicatedThread.Start>.fromOpaque(raw).takeRetainedValue()
    DedicatedThread.setName(start.name)
    start.body()
    return nil
}
