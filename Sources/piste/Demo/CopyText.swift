import Postgres

/// Rows in the text form that COPY reads, one after the other in one buffer.
struct CopyText {
    private(set) var bytes: [UInt8] = []
    private var isRowEmpty = true

    /// Adds a text, with what COPY reserves escaped.
    mutating func add(_ text: String?) {
        separate()
        guard let text else { return bytes += [0x5c, 0x4e] }
        for byte in text.utf8 {
            switch byte {
            case 0x09: bytes += [0x5c, 0x74]
            case 0x0a: bytes += [0x5c, 0x6e]
            case 0x0d: bytes += [0x5c, 0x72]
            case 0x5c: bytes += [0x5c, 0x5c]
            default: bytes.append(byte)
            }
        }
    }

    mutating func add(_ number: Int) {
        separate()
        appendDigits(number, width: 1)
    }

    /// Adds the moment so many seconds before another.
    mutating func add(_ moment: Timestamp, minus seconds: Int?, orElse missing: String? = nil) {
        guard let seconds else { return add(missing) }
        separate()
        let time = Int(moment.microseconds / 1_000_000) - seconds
        let day = time >= 0 ? time / 86_400 : (time - 86_399) / 86_400
        let (year, month, date) = Self.civil(day)
        let second = time - day * 86_400
        for (number, width, mark) in [
            (year, 4, UInt8(ascii: "-")), (month, 2, UInt8(ascii: "-")), (date, 2, UInt8(ascii: " ")),
            (second / 3_600, 2, UInt8(ascii: ":")), (second / 60 % 60, 2, UInt8(ascii: ":")),
            (second % 60, 2, UInt8(ascii: "Z")),
        ] {
            appendDigits(number, width: width)
            bytes.append(mark)
        }
    }

    mutating func endRow() {
        bytes.append(0x0a)
        isRowEmpty = true
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func separate() {
        if !isRowEmpty { bytes.append(0x09) }
        isRowEmpty = false
    }

    private mutating func appendDigits(_ number: Int, width: Int) {
        if number >= 10 || width > 1 { appendDigits(number / 10, width: width - 1) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// The date of a day since 1970-01-01, by Howard Hinnant's `civil_from_days`.
    private static func civil(_ day: Int) -> (year: Int, month: Int, date: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}
