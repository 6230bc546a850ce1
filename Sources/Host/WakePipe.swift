import Glibc

/// Wakes a thread out of `poll`: a byte in a pipe that the thread watches.
package struct WakePipe: ~Copyable, Sendable {
    /// The end to poll.
    package let reading: Int32
    private let writing: Int32

    /// Nil where the system grants no pipe.
    package init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Never blocks: a full pipe wakes as well as one more byte.
    package func wake() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    package func drain() {
        var bytes: (UInt64, UInt64) = (0, 0)
        while read(reading, &bytes, 16) == 16 {}
    }
}
