import FoundationEssentials
import Glibc
import Tenancy
import Terminal

/// Times of the server as people read them, in this machine's time zone.
enum Moment {
    /// `12:04:31`.
    static func clock(_ date: Date) -> DisplayText {
        guard !date.isInfinite else { return DisplayText(date.exactText) }
        let parts = local(date)
        return DisplayText("\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))")
    }

    /// `2026-11-23 12:04`.
    static func minute(_ date: Date) -> DisplayText {
        guard !date.isInfinite else { return DisplayText(date.exactText) }
        let parts = local(date)
        return DisplayText(
            "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min))"
        )
    }

    /// `2026-11-23 12:04:31`.
    static func second(_ date: Date) -> DisplayText {
        date.isInfinite ? minute(date) : "\(minute(date)):\(two(local(date).tm_sec))"
    }

    /// The zone of this machine at a time: `UTC`, `CET, UTC+1`.
    static func zone(_ date: Date) -> DisplayText {
        let parts = local(date)
        let name = parts.tm_zone.map { String(cString: $0) } ?? "UTC"
        let minutes = parts.tm_gmtoff / 60
        guard minutes != 0 else { return DisplayText(name == "UTC" ? name : "\(name), UTC") }
        let rest = abs(minutes) % 60
        let offset = "UTC\(minutes < 0 ? "-" : "+")\(abs(minutes) / 60)" + (rest == 0 ? "" : ":\(rest)")
        return DisplayText(name.first?.isLetter == true ? "\(name), \(offset)" : offset)
    }

    /// `2026-11-23T12:04:31Z`, for what leaves the program.
    static func iso(_ date: Date) -> String {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }

    /// How long a time lies back: `12 s`, `3 min`, `5 h`, `12 d`; an infinity as it is.
    static func age(_ date: Date, at now: Date) -> DisplayText {
        date.isInfinite ? DisplayText(date.exactText) : span(max(0, now.timeIntervalSince(date)))
    }

    /// The same in a sentence: `3 min ago`, `just now`.
    static func ago(_ date: Date, at now: Date) -> DisplayText {
        guard !date.isInfinite else { return age(date, at: now) }
        return now.timeIntervalSince(date) < 1 ? "just now" : age(date, at: now) + " ago"
    }

    /// A length of time in its largest fitting unit.
    static func span(_ seconds: Double) -> DisplayText {
        switch seconds {
        case ..<60: "\(String(Int(seconds))) s"
        case ..<3600: "\(String(Int(seconds / 60))) min"
        case ..<(48 * 3600): "\(String(Int(seconds / 3600))) h"
        case ..<(730 * 86400): "\(String(Int(seconds / 86400))) d"
        // In tenths of a year.
        case ..<(1000 * 365.25 * 86400):
            "\(String(Int(seconds / 86400 / 36.525) / 10)).\(String(Int(seconds / 86400 / 36.525) % 10)) y"
        default: "long"
        }
    }

    /// `08:41`: minutes and seconds of what is left, rounded up so that 00:00 means over.
    static func countdown(_ left: Milliseconds) -> DisplayText {
        let seconds = (max(0, left) + 999) / 1000
        return DisplayText(
            "\(two(Int32(clamping: min(seconds / 60, 99)))):\(two(Int32(clamping: seconds % 60)))")
    }

    private static func local(_ date: Date) -> tm {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// Numbers as people read them.
enum Figure {
    /// `1,204`.
    static func exact(_ value: Int) -> DisplayText {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return DisplayText((value < 0 ? "-" : "") + groups.joined(separator: ","))
    }

    /// `≈1.2k`: an estimate never pretends to be exact.
    static func estimate(_ value: Int) -> DisplayText {
        switch value {
        case ..<1000: "≈\(String(value))"
        case ..<10_000: "≈\(tenths(value, of: 1000))k"
        case ..<1_000_000: "≈\(String(value / 1000))k"
        default: "≈\(tenths(value, of: 1_000_000))M"
        }
    }

    /// `12 kB`, `3.4 MB`.
    static func bytes(_ value: Int64) -> DisplayText {
        switch value {
        case ..<1024: "\(String(value)) B"
        case ..<(1024 * 1024): "\(String(value / 1024)) kB"
        case ..<(1024 * 1024 * 1024): "\(tenths(Int(value), of: 1024 * 1024)) MB"
        default: "\(tenths(Int(value), of: 1024 * 1024 * 1024)) GB"
        }
    }

    static func count(_ count: Count) -> DisplayText {
        count.isExact ? exact(count.value) : estimate(count.value)
    }

    private static func tenths(_ value: Int, of unit: Int) -> String {
        "\(value / unit).\(value % unit * 10 / unit)"
    }
}
