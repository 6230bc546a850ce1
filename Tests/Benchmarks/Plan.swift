/// What is measured, and at how many companies.
struct Plan: Sendable {
    /// A part of the benchmark, by the name with which `--only` picks it.
    enum Part: String, CaseIterable, Sendable {
        case `switch`, service, changes, adopted, memory, console, prove, migrate, rows, growth, kills,
            servers
    }

    struct Mistake: Error, CustomStringConvertible { let description: String }

    var levels: [Int] = []
    /// All but the kills, which take an hour, the servers, each of which gets all companies anew, and the growth, which writes a
    /// gigabyte: they are measured when they are named.
    var parts = Set(Part.allCases).subtracting([.growth, .kills, .servers])
    /// How long each round of the services lasts.
    var seconds = 3
    /// The rows of the one large company.
    var users = 1_000_000
    /// The records of the one trail that grows.
    var records = 1_000_000
    /// How often a server is killed under its clients.
    var kills = 2_000

    init(_ arguments: [String]) throws(Mistake) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--only":
                parts = []
                for name in (rest.popFirst() ?? "").split(separator: ",") {
                    guard let part = Part(rawValue: String(name)) else {
                        let known = Part.allCases.map(\.rawValue).joined(separator: ", ")
                        throw Mistake(description: "there is no part “\(name)”; parts are \(known)")
                    }
                    parts.insert(part)
                }
            case "--seconds": seconds = try Self.number(word, rest.popFirst())
            case "--records": records = try Self.number(word, rest.popFirst())
            case "--kills": kills = try Self.number(word, rest.popFirst())
            case "--users": users = try Self.number(word, rest.popFirst())
            default: levels.append(try Self.number("a number of companies", word))
            }
        }
        if levels.isEmpty { levels = parts.isSubset(of: [.rows, .growth, .kills]) ? [] : [10, 1000] }
        levels.sort()
    }

    /// Those that are measured in one world at each number of companies.
    var atEachLevel: [Part] {
        Part.allCases.filter { parts.contains($0) && ![.rows, .growth, .kills, .servers].contains($0) }
    }

    private static func number(_ name: String, _ word: String?) throws(Mistake) -> Int {
        guard let number = word.flatMap({ Int($0) }), number > 0 else {
            throw Mistake(description: "\(name) is a whole number above 0, not “\(word ?? "")”")
        }
        return number
    }
}
