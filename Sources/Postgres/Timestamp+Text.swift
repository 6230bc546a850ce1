extension Timestamp: LosslessStringConvertible {
    /// Reads PostgreSQL's ISO form of `timestamptz`, `timestamp` (taken as UTC) or `date`.
    package init?(_ text: some StringProtocol) {
        switch text {
        case "infinity": self = .infinity
        case "-infinity": self = .negativeInfinity
        default:
            var scanner = Scanner(text)
            guard let moment = scanner.moment() else { return nil }
            self.init(sinceMillennium: moment)
        }
    }

    /// ISO 8601 in UTC, always with six decimals: `2026-03-01T12:04:31.500000Z`; before Christ with ` BC` behind it, as
    /// PostgreSQL reads it.
    package var description: String {
        text { year, rest in
            year > 0 ? Self.padded(year, 4) + rest : Self.padded(1 - year, 4) + rest + " BC"
        }
    }

    /// The same for other programs: a year that has no four digits gets a sign and six, as ISO 8601 wants it.
    ///
    /// `-004712-01-01T00:00:00.000000Z` is in the year 4713 BC.
    package var isoText: String {
        text { year, rest in
            (0...9999).contains(year)
                ? Self.padded(year, 4) + rest : (year < 0 ? "-" : "+") + Self.padded(abs(year), 6) + rest
        }
    }

    /// What a form makes of the year and of what stands behind it.
    private func text(_ form: (_ year: Int64, _ rest: String) -> String) -> String {
        if self == .infinity { return "infinity" }
        if self == .negativeInfinity { return "-infinity" }
        let day = 86_400_000_000 as Int64
        var (days, rest) = sinceMillennium.quotientAndRemainder(dividingBy: day)
        if rest < 0 {
            rest += day
            days -= 1
        }
        let date = Self.civil(days: days + Self.millennium)
        let seconds = rest / 1_000_000
        return form(
            date.year,
            "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2) + "T"
                + Self.padded(seconds / 3600, 2) + ":" + Self.padded(seconds / 60 % 60, 2) + ":"
                + Self.padded(seconds % 60, 2) + "." + Self.padded(rest % 1_000_000, 6) + "Z")
    }

    /// The day of 2000-01-01, counted from 1970-01-01.
    fileprivate static let millennium = 10_957 as Int64

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01 (Hinnant's `civil_from_days`).
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The day counted from 1970-01-01 of a proleptic Gregorian date (Hinnant's `days_from_civil`).
    fileprivate static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Reads `2026-03-01 12:04:31.5+02:30 BC` from left to right.
private struct Scanner {
    private var bytes: [UInt8]
    private var position = 0

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    /// Microseconds since 2000-01-01.
    mutating func moment() -> Int64? {
        guard let year = number(), take("-"), let month = number(), take("-"), let day = number(),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = 0 as Int64
        var fraction = 0 as Int64
        let isBeforeChrist = takeSuffix(" BC")
        if take(" ") || take("T") {
            guard let hour = number(), take(":"), let minute = number(), take(":"), let second = number()
            else { return nil }
            seconds = hour * 3600 + minute * 60 + second
            fraction = decimals() ?? 0
            guard let zone = offset() else { return nil }
            seconds -= zone
        }
        guard position == bytes.count else { return nil }
        let days =
            Timestamp.days(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
            - Timestamp.millennium
        // A year of nine digits is farther than microseconds reach.
        let (scaled, isFar) = (days * 86_400 + seconds).multipliedReportingOverflow(by: 1_000_000)
        let (moment, isFarther) = scaled.addingReportingOverflow(fraction)
        return isFar || isFarther ? nil : moment
    }

    private mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return 0 }
        guard let hours = number() else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] as [Int64] where take(":") {
            guard let part = number() else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    private mutating func decimals() -> Int64? {
        guard take(".") else { return nil }
        let start = position
        guard var digits = number() else { return nil }
        for _ in stride(from: position - start, to: 6, by: 1) { digits *= 10 }
        for _ in stride(from: 6, to: position - start, by: 1) { digits /= 10 }
        return digits
    }

    private mutating func number() -> Int64? {
        let start = position
        var value = 0 as Int64
        while position < bytes.count, position - start < 9, (48...57).contains(bytes[position]) {
            value = value * 10 + Int64(bytes[position] - 48)
            position += 1
        }
        return position == start ? nil : value
    }

    private mutating func takeSuffix(_ suffix: String) -> Bool {
        guard bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else { return false }
        bytes.removeLast(suffix.utf8.count)
        return true
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
