import Glibc

extension LocalCluster {
    /// Stops the server: open transactions are rolled back, connections end.
    ///
    /// Gives false when none was running.
    @discardableResult
    package func stop(narrate: (String) -> Void = { _ in }) throws(LocalClusterError) -> Bool {
        guard Files.isDirectory(root) else { return false }
        return try ClusterLock.hold(lockFile, narrate: narrate) { () throws(LocalClusterError) in
            try stopServer(narrate)
        }
    }

    /// Stops the server and removes data, log and socket; nothing that Piste did not make.
    @discardableResult
    package func destroy(narrate: (String) -> Void = { _ in }) throws(LocalClusterError) -> Bool {
        guard Files.isDirectory(root) else { return false }
        guard Files.exists(marker) else {
            throw LocalClusterError(.notOurs, "\(root) was not made by Piste, so it is left alone")
        }
        try ClusterLock.hold(lockFile, narrate: narrate) { () throws(LocalClusterError) in
            let sockets = socketDirectories
            try stopServer(narrate)
            narrate("Removing \(root)…")
            let asides = Files.names(in: root).filter { $0.hasPrefix("data.aside-") }.map { "\(root)/\($0)" }
            for path in sockets + [dataDirectory, draftDirectory, logFile] + asides {
                try Files.remove(path)
            }
            // The marker goes late, so that a removal that was interrupted can be repeated; the lock goes
            // last.
            try Files.remove(marker)
            try Files.remove(lockFile)
            rmdir(root)
        }
        return true
    }

    /// Where the socket is and where it would be now: `$XDG_RUNTIME_DIR` may have changed since the start.
    private var socketDirectories: [String] {
        let recorded = ServerProcess(dataDirectory: dataDirectory)?.socketDirectory
        let ours = recorded.flatMap { SocketDirectory.isOurs($0, root: root) ? $0 : nil }
        return [socketDirectory] + (ours.map { [$0] } ?? [])
    }

    @discardableResult
    func stopServer(_ narrate: (String) -> Void) throws(LocalClusterError) -> Bool {
        guard let server = ServerProcess(dataDirectory: dataDirectory) else { return false }
        narrate("Stopping the private PostgreSQL…")
        // Fast first; after that, as after a power cut, which PostgreSQL recovers from.
        for (signal, patience) in [(SIGINT, 30), (SIGQUIT, 10)] {
            guard kill(server.pid, signal) == 0 || errno == ESRCH else {
                throw .files("stop the private PostgreSQL (process \(server.pid))")
            }
            let end = ContinuousClock.now.advanced(by: .seconds(patience))
            while ContinuousClock.now < end {
                if server.isGone { return true }
                usleep(2_000)
            }
        }
        throw LocalClusterError(
            .serverFailed,
            "the private PostgreSQL (process \(server.pid)) does not stop; its log is \(logFile)",
        )
    }
}
