import Glibc

/// A moment as PostgreSQL keeps it: whole microseconds, here since 1970-01-01 00:00 UTC.
package struct Timestamp: Sendable, Hashable {
    package var microseconds: Int64

    package static let infinity = Timestamp(microseconds: .max)
    package static let negativeInfinity = Timestamp(microseconds: .min)

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment so many seconds after 1970 began, to the microsecond; infinity for what no number of microseconds reaches.
    package init(secondsSince1970 seconds: Double) {
        let rounded = (seconds * 1_000_000).rounded()
        microseconds = Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max)
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
        let (whole, isFar) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (length, isLong) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (moment, isFarther) = microseconds.addingReportingOverflow(length)
        guard isFar || isLong || isFarther else { return Timestamp(microseconds: moment) }
        return duration < .zero ? .negativeInfinity : .infinity
    }
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }
}
