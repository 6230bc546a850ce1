/// Names as people of one language write them, each with the Latin form that goes into an e-mail address.
struct Culture: Sendable {
    struct Name: Sendable {
        let written: String
        let latin: String
    }

    let locales: [String]
    let given: [Name]
    let family: [Name]
    /// Family name first.
    let isFamilyFirst: Bool
    let separator: String

    /// Reads `name latin` pairs, or plain Latin names, separated by commas.
    init(
        _ locales: [String], given: String, family: String, familyFirst: Bool = false, separator: String = " "
    ) {
        self.locales = locales
        self.given = Self.names(given)
        self.family = Self.names(family)
        isFamilyFirst = familyFirst
        self.separator = separator
    }

    /// A person's name and the local part of an address.
    func person(_ random: inout DemoRandom) -> Name {
        let given = random.element(of: given)
        let family = random.element(of: family)
        let (first, last) = isFamilyFirst ? (family, given) : (given, family)
        return Name(
            written: first.written + separator + last.written, latin: given.latin + "." + family.latin)
    }

    private static func names(_ list: String) -> [Name] {
        list.split(separator: ",").map { entry in
            let parts = entry.split(whereSeparator: \.isWhitespace).map(String.init)
            let written = parts.first ?? ""
            return Name(written: written, latin: parts.count > 1 ? parts[1] : written.lowercased())
        }
    }
}

extension Culture {
    /// The cultures by number; a company draws most of its people from one of them.
    static let all: [Culture] = [
        english, german, french, spanish, nordic, polish, japanese, chinese, korean, russian, greek, arabic,
        hebrew, hindi, thai, vietnamese,
    ]

    static let international = 0
}
