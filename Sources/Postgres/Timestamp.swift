import Glibc

/// A moment as PostgreSQL keeps it: whole microseconds, here since 1970-01-01 00:00 UTC.
package struct Timestamp: Sendable, Hashable {
    package var microseconds: Int64

    package static let infinity = Timestamp(microseconds: .max)
    package static let negativeInfinity = Timestamp(microseconds: .min)

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment that this machine's clock shows; the server's clock decides wherever it matters.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    package var isFinite: Bool { self != .infinity && self != .negativeInfinity }

    /// The time from this moment to the other, negative when that lies before; saturates at the infinities.
    package func duration(to other: Timestamp) -> Duration {
        let (difference, overflow) = other.microseconds.subtractingReportingOverflow(microseconds)
        return .microseconds(overflow ? (other > self ? .max : .min) : difference)
    }

    package func advanced(by duration: Duration) -> Timestamp {
        guard isFinite else { return self }
        let (seconds, attoseconds) = duration.components
        return Timestamp(microseconds: microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}
