import Tenancy
import Terminal

/// One line that the palette offers.
struct PaletteEntry: Equatable, Sendable {
    enum Target: Equatable, Sendable {
        case command(Command)
        /// Enters the company with this url id.
        case company(String)
        case theme(String)
        case quit
    }

    var title: DisplayText
    var meaning: DisplayText
    var target: Target
}

extension ConsoleState {
    /// What the palette offers for what is typed, best first; an empty line offers companies entered lately, then all.
    func paletteEntries(for typed: String) -> [PaletteEntry] {
        let words = typed.split(separator: " ", maxSplits: 1).map(String.init)
        if let first = words.first, typed.contains(" ") {
            let argument = words.count > 1 ? words[1] : ""
            switch first {
            case "company", "enter", "ctx":
                let known = companies.list.rows.map(\.urlID)
                let fitting = known.filter { argument.isEmpty || FuzzyMatch.score(argument, in: $0) != nil }
                var entries = fitting.prefix(8).map { companyEntry($0) }
                if !argument.isEmpty, !known.contains(argument) { entries.append(companyEntry(argument)) }
                return entries
            case "theme":
                return themes.filter { argument.isEmpty || FuzzyMatch.score(argument, in: $0) != nil }.map(
                    themeEntry)
            default: break
            }
        }
        let recent = recents.prefix(3).map { companyEntry($0) }
        let all = recent + commandEntries
        guard !typed.isEmpty else { return Array(all) }
        return all.compactMap { entry in
            FuzzyMatch.score(typed, in: entry.title.string).map { (entry, $0) }
        }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    private func companyEntry(_ urlID: String) -> PaletteEntry {
        PaletteEntry(
            title: "company \(DisplayText(urlID))", meaning: "Enter with a fresh token",
            target: .company(urlID))
    }

    private func themeEntry(_ name: String) -> PaletteEntry {
        PaletteEntry(
            title: "theme \(DisplayText(name))", meaning: "Use this theme", target: .theme(name))
    }

    private var commandEntries: [PaletteEntry] {
        var seen: Set<Command> = []
        let offered = KeyTable.bindings(in: scope).filter { binding in
            !binding.command.isMovement && permits(binding.command) && seen.insert(binding.command).inserted
        }
        return offered.map {
            PaletteEntry(title: $0.label, meaning: $0.meaning, target: .command($0.command))
        }
            + [
                PaletteEntry(
                    title: "companies", meaning: "Leave, and list the companies", target: .command(.companies)
                )
            ]
            + [PaletteEntry(title: "quit piste", meaning: "End every context and quit", target: .quit)]
            + themes.map(themeEntry)
    }
}

extension Command {
    /// Whether the command only moves the selection; such are no use in the palette.
    var isMovement: Bool {
        switch self {
        case .down, .up, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .palette, .quit: true
        default: false
        }
    }
}

/// Fuzzy matching: every character of the needle in order, better when they stand together and begin words.
enum FuzzyMatch {
    static func score(_ needle: String, in hay: String) -> Int? {
        let hay = Array(hay.lowercased())
        var index = 0
        var score = 0
        var run = 0
        for character in needle.lowercased() where character != " " {
            guard let found = hay[index...].firstIndex(of: character) else { return nil }
            run = found == index ? run + 1 : 0
            let beginsWord = found == 0 || !(hay[found - 1].isLetter || hay[found - 1].isNumber)
            score += 1 + 3 * run + (beginsWord ? 6 : 0) - min(3, found - index)
            index = found + 1
        }
        return score * 8 - hay.count
    }
}
