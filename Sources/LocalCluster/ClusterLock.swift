import Glibc

/// Keeps two processes from making, starting, stopping or removing the same cluster at the same time.
enum ClusterLock {
    /// Runs `body` when it is this process's turn, and says `waiting` when it has to wait for that.
    ///
    /// `prepare` makes the directory of the lock's file, again when somebody destroys it meanwhile.
    static func hold<Value>(
        _ path: String,
        waiting: String = "Waiting for another piste that prepares the local PostgreSQL…",
        narrate: (String) -> Void,
        prepare: () throws(LocalClusterError) -> Void = {},
        _ body: () throws(LocalClusterError) -> Value
    ) throws(LocalClusterError) -> Value {
        let descriptor = try take(path, waiting, narrate, prepare)
        defer { close(descriptor) }
        return try body()
    }

    private static func take(
        _ path: String,
        _ waiting: String,
        _ narrate: (String) -> Void,
        _ prepare: () throws(LocalClusterError) -> Void
    ) throws(LocalClusterError) -> Int32 {
        var attempts = 0
        while true {
            try prepare()
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            attempts += 1
            if descriptor < 0, errno == ENOENT, attempts < 10 { continue }
            guard descriptor >= 0 else { throw .files("open \(path)") }
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                narrate(waiting)
                while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
            }
            // Whoever destroyed the cluster meanwhile has taken the lock's file with it.
            var held = stat()
            var there = stat()
            if fstat(descriptor, &held) == 0, lstat(path, &there) == 0, held.st_ino == there.st_ino {
                return descriptor
            }
            close(descriptor)
        }
    }
}
