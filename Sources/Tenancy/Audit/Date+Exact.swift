package import FoundationEssentials
import Postgres

extension Date {
    /// The moment for other programs: ISO 8601 in UTC to the microsecond, in one form that sorts as a text.
    ///
    /// What no count of microseconds holds is the infinity on its side.
    package var exactText: String { timestamp.isoText }

    /// Whether it is one of PostgreSQL's infinities, which no clock shows.
    package var isInfinite: Bool { !timestamp.isFinite }

    private var timestamp: Timestamp { Timestamp(secondsSince1970: timeIntervalSince1970) }
}
