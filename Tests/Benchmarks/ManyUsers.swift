import Postgres
import Tenancy

/// Users with names from all over, so many that a list of them is a sea; the same on every run.
struct ManyUsers: Sequence, Sendable {
    let count: Int

    static let domain = "rows.example"
    private static let given = [
        "Ada", "Amélie", "Björn", "Chloé", "Diego", "Élodie", "Fatima", "Giulia", "Hannah", "Ivan", "João",
        "Katarzyna",
        "Lars", "Marta", "Noah", "Olga", "Priya", "Quentin", "Rosa", "Søren", "Tomasz", "Uwe", "Valentina",
        "Wang", "Xenia",
        "Yusuf", "Zoë",
    ]
    private static let family = [
        "Andersson", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Hansen", "Ivanova",
        "Jensen", "Kowalski",
        "López", "Müller", "Novák", "O’Brien", "Petrov", "Quist", "Rossi", "Schmidt", "Tanaka", "Ünal",
        "Virtanen", "Weber",
        "Xu", "Yılmaz", "Zimmermann",
    ]

    func makeIterator() -> AnyIterator<ImportedUser> {
        var number = 0
        return AnyIterator {
            guard number < count else { return nil }
            number += 1
            // A scattered number, so that neighbours in the table are none in the alphabet.
            let mixed = number &* 2_654_435_761 % 4_294_967_296
            // Some thousand different names: a few from the list, the rest made of the beginning of one and the end of another.
            let given = Self.blend(Self.given, mixed % 1201)
            let family = Self.blend(Self.family, mixed / 1201 % 3607)
            let moment: Int64 = 1_700_000_000_000_000
            return ImportedUser(
                id: Int64(number), email: "user\(mixed % 10_000_000).\(number)@\(Self.domain)",
                name: "\(given) \(family) \(mixed % 997)",
                status: mixed % 50 == 0 ? .suspended : mixed % 11 == 0 ? .invited : .active,
                createdAt: Timestamp(microseconds: moment + Int64(mixed) * 10_000),
                lastSeenAt: mixed % 9 == 0
                    ? nil : Timestamp(microseconds: moment + Int64(mixed / 7) * 100_000))
        }
    }

    private static func blend(_ names: [String], _ number: Int) -> String {
        let first = names[number % names.count]
        guard number >= names.count else { return first }
        let second = names[number / names.count % names.count]
        let beginning = String(first.prefix(2 + number / 97 % 2))
        let end = String(second.suffix(3 + number / 31 % 3))
        return beginning + end
    }
}
