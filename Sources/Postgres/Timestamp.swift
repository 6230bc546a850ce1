import Glibc

/// A moment as PostgreSQL keeps it: whole microseconds since 2000-01-01 00:00 UTC, which reach further than those since 1970.
package struct Timestamp: Sendable, Hashable {
    let sinceMillennium: Int64

    /// The microseconds from 1970 to 2000.
    private static let offset = 946_684_800_000_000 as Int64

    package static let infinity = Timestamp(sinceMillennium: .max)
    package static let negativeInfinity = Timestamp(sinceMillennium: .min)

    init(sinceMillennium: Int64) {
        self.sinceMillennium = sinceMillennium
    }

    /// The moment so many microseconds after 1970 began; the largest number and the smallest are the infinities.
    package init(microseconds: Int64) {
        guard microseconds != .max, microseconds != .min else {
            sinceMillennium = microseconds
            return
        }
        let (moment, isFar) = microseconds.subtractingReportingOverflow(Self.offset)
        sinceMillennium = isFar ? .min + 1 : moment
    }

    /// Microseconds since 1970-01-01 00:00 UTC; the farthest that can be counted for the last thirty years of PostgreSQL's.
    package var microseconds: Int64 {
        guard isFinite else { return sinceMillennium }
        let (moment, isFar) = sinceMillennium.addingReportingOverflow(Self.offset)
        return isFar ? .max - 1 : moment
    }

    /// The moment so many seconds after 1970 began, to the microsecond; infinity for what no number of microseconds reaches.
    package init(secondsSince1970 seconds: Double) {
        let rounded = (seconds * 1_000_000).rounded()
        self.init(microseconds: Int64(exactly: rounded) ?? (rounded < 0 ? .min : .max))
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
        let (difference, overflow) = other.sinceMillennium.subtractingReportingOverflow(sinceMillennium)
        return .microseconds(overflow ? (other > self ? .max : .min) : difference)
    }

    package func advanced(by duration: Duration) -> Timestamp {
        guard isFinite else { return self }
        let (seconds, attoseconds) = duration.components
        let (whole, isFar) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (length, isLong) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (moment, isFarther) = sinceMillennium.addingReportingOverflow(length)
        guard isFar || isLong || isFarther else { return Timestamp(sinceMillennium: moment) }
        return duration < .zero ? .negativeInfinity : .infinity
    }
}

extension Timestamp: Comparable {
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.sinceMillennium < right.sinceMillennium
    }
}
