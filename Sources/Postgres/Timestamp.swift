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

    /// The end of what PostgreSQL counts, the year 294277, in microseconds since 2000.
    private static let end = 9_223_371_331_200_000_000 as Int64

    /// The moment so many seconds after 1970 began, to the microsecond; infinity for what lies behind all that is counted.
    ///
    /// So far from today a number of seconds is good for milliseconds: what is rounded to the end is the moment before it.
    package init(secondsSince1970 seconds: Double) {
        let near = (seconds * 1_000_000).rounded()
        if abs(near) < 9e18, let whole = Int64(exactly: near) {
            self = Timestamp(microseconds: whole)
            return
        }
        let hour = 3_600_000_000 as Int64
        let moment = ((seconds - Double(Self.offset) / 1_000_000) * 1_000_000).rounded()
        guard abs(moment) < Double(Self.end + hour), let whole = Int64(exactly: moment) else {
            self = moment < 0 ? .negativeInfinity : .infinity
            return
        }
        self = Timestamp(sinceMillennium: min(whole, Self.end - 1))
    }

    /// Seconds since 1970 began; for the infinities a number behind all that is counted.
    package var secondsSince1970: Double {
        (Double(sinceMillennium) + Double(Self.offset)) / 1_000_000
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
