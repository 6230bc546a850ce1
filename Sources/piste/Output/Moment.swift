import FoundationEssentials
import Glibc
import Postgres
import Tenancy

/// Moments as text.
enum Moment {
    /// This machine's clock, as ISO 8601 in UTC.
    static var now: String { Timestamp.now.description }

    /// The local day and time to the second: what goes into tables for people.
    static func local(_ date: Date) -> String {
        var parts = tm()
        guard var seconds = time_t(exactly: date.timeIntervalSince1970.rounded(.down)),
            localtime_r(&seconds, &parts) != nil, (-999...9999 - 1900).contains(parts.tm_year)
        else { return date.exactText }
        return two(parts.tm_year + 1900) + "-" + two(parts.tm_mon + 1) + "-" + two(parts.tm_mday) + " "
            + two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec)
    }

    /// What is left of a duration, for instance `29 min`, `45 s`.
    static func left(until date: Date, now: Date = Date()) -> String {
        let seconds = Int(exactly: date.timeIntervalSince(now).rounded(.down)) ?? .max
        return switch seconds {
        case ..<0: "over"
        case ..<90: "\(seconds) s"
        default: "\(seconds / 60) min"
        }
    }

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
