import Tenancy
import Terminal

extension ConsoleState {
    /// The most entries for an argument.
    private static let most = 8

    /// What the palette offers for what is typed, best first; an empty line offers what was used lately, then all.
    func paletteEntries(_ palette: PaletteState) -> [PaletteEntry] {
        if let argument = palette.argument { return entries(for: argument, palette) }
        let typed = palette.field.text
        let all = recentEntries + commandEntries.filter { !recentEntries.map(\.target).contains($0.target) }
        guard !typed.isEmpty else { return all }
        return ranked(all, by: typed)
    }

    /// Those that fit, best first; what fits equally well stays in its order.
    private func ranked(_ entries: [PaletteEntry], by typed: String) -> [PaletteEntry] {
        let found = entries.enumerated().compactMap { place, entry in
            FuzzyMatch(typed, in: entry.title.string).map { (place, entry, $0) }
        }
        return found.sorted { ($1.2.score, $0.0) < ($0.2.score, $1.0) }.map { _, entry, match in
            var entry = entry
            entry.matched = match.places
            return entry
        }
    }

    // MARK: Arguments

    private func entries(for argument: PaletteArgument, _ palette: PaletteState) -> [PaletteEntry] {
        switch argument.kind {
        case .company:
            return entries(named: "company", argument.text, companiesKnown(to: palette)) { known in
                (.company(known.urlID), entryWords(known))
            }
        case .theme:
            let known = shell.looks.themes.map { PaletteState.Known(urlID: $0, name: "") }
            return entries(named: "theme", argument.text, known, takesUnknown: false) {
                (.theme($0.urlID), "Use this theme")
            }
        case .tab:
            let entries = tabEntries.filter {
                argument.text.isEmpty || $0.completion == "tab \(argument.text)"
            }
            guard entries.isEmpty else { return entries }
            return [
                PaletteEntry(
                    title: "tab \(DisplayText(argument.text))", meaning: "No company is open there",
                    target: .refusal("No company is open as number \(DisplayText(argument.text))."))
            ]
        case .user:
            guard isInCompany else { return [nowhere("user", argument.text)] }
            return entries(named: "user", argument.text, usersKnown, typedFirst: true) {
                (.users($0.urlID), "List the users that fit")
            }
        case .impersonate:
            guard isInCompany, let urlID = context?.urlID else {
                return entries(named: "impersonate", argument.text, companiesKnown(to: palette)) {
                    (.impersonate(urlID: $0.urlID, user: nil), "Impersonate, with a written reason")
                }
            }
            return entries(named: "impersonate", argument.text, usersKnown) {
                (.impersonate(urlID: urlID, user: $0.urlID), "Impersonate, with a written reason")
            }
        }
    }

    /// One entry for each of `known` that fits, and one for the text as it was typed.
    private func entries(
        named name: String, _ text: String, _ known: [PaletteState.Known], takesUnknown: Bool = true,
        typedFirst: Bool = false,
        _ describe: (PaletteState.Known) -> (PaletteEntry.Target, DisplayText)
    ) -> [PaletteEntry] {
        let matches = known.enumerated().compactMap { place, one -> (Int, PaletteState.Known, FuzzyMatch)? in
            if let match = FuzzyMatch(text, in: one.urlID) { return (place, one, match) }
            guard var match = FuzzyMatch(text, in: one.name) else { return nil }
            // The name is not what stands in the title.
            match.places = []
            return (place, one, match)
        }
        let isKnown = known.contains { $0.urlID == text }
        var sorted = matches.sorted {
            ($1.1.urlID == text ? 1 : 0, $1.2.score, $0.0) < ($0.1.urlID == text ? 1 : 0, $0.2.score, $1.0)
        }.prefix(Self.most).map { ($0.1, $0.2.places) }
        if takesUnknown, !text.isEmpty, !isKnown {
            // A fragment lists all that fit; a guess of one of them must not take its place.
            let typed = PaletteState.Known(urlID: text, name: "")
            sorted.insert((typed, []), at: typedFirst ? 0 : sorted.count)
        }
        return sorted.map { one, places in
            let (target, meaning) = describe(one)
            return PaletteEntry(
                title: "\(DisplayText(name)) \(DisplayText(one.urlID))", meaning: meaning, target: target,
                matched: places.map { $0 + name.count + 1 }, completion: "\(name) \(one.urlID)")
        }
    }

    private func nowhere(_ name: String, _ text: String) -> PaletteEntry {
        PaletteEntry(
            title: "\(DisplayText(name)) \(DisplayText(text))", meaning: "Inside a company only",
            target: .refusal("Users are listed inside a company: enter one first."))
    }

    private var isInCompany: Bool { context != nil && context?.ended == nil }

    /// Companies entered lately, those that the server found, and those of the list.
    private func companiesKnown(to palette: PaletteState) -> [PaletteState.Known] {
        var seen: Set<String> = []
        let listed = companies.list.rows.map { PaletteState.Known(urlID: $0.urlID, name: $0.name) }
        let lately = recents.prefix(5).map {
            PaletteState.Known(urlID: $0, name: company($0)?.name ?? "")
        }
        return (lately + palette.companies + listed).filter { seen.insert($0.urlID).inserted }
    }

    /// The users whose rows the company on screen has read already: nothing more is read for a suggestion.
    private var usersKnown: [PaletteState.Known] {
        (context?.usersRead ?? []).map { PaletteState.Known(urlID: $0.email, name: $0.name) }
    }

    // MARK: Commands

    /// What was run from here lately and still makes sense, then the companies entered lately.
    private var recentEntries: [PaletteEntry] {
        let known = commandEntries
        let commands = ran.prefix(5).compactMap { target -> PaletteEntry? in
            if case .company(let urlID) = target { return companyEntry(urlID) }
            return known.first { $0.target == target }
        }
        let companies = recents.prefix(3).map(companyEntry).filter { entry in
            !commands.contains { $0.target == entry.target }
        }
        return commands + companies
    }

    private func companyEntry(_ urlID: String) -> PaletteEntry {
        PaletteEntry(
            title: "company \(DisplayText(urlID))",
            meaning: openCompany(urlID).map(goingWords) ?? "Enter with a fresh token",
            target: .company(urlID), completion: "company \(urlID)")
    }

    private var commandEntries: [PaletteEntry] {
        var seen: Set<Command> = []
        let offered = shell.keys.bindings(in: scope).filter { binding in
            !binding.command.isMovement && permits(binding.command)
                && seen.insert(binding.command).inserted
        }
        var entries = offered.map {
            PaletteEntry(title: $0.label, meaning: $0.meaning, target: .command($0.command))
        }
        entries.append(asking("company", "Enter a company by its url id or a part of its name"))
        if isInCompany { entries.append(asking("user", "List the users that fit a name or an address")) }
        entries += tabEntries
        entries.append(
            PaletteEntry(title: "quit piste", meaning: "End every context and quit", target: .quit))
        return entries
            + shell.looks.themes.map {
                PaletteEntry(
                    title: "theme \(DisplayText($0))", meaning: "Use this theme", target: .theme($0),
                    completion: "theme \($0)")
            }
    }

    private func entryWords(_ known: PaletteState.Known) -> DisplayText {
        if let open = openCompany(known.urlID) { return goingWords(open) }
        return known.name.isEmpty ? "Enter" : "Enter \(DisplayText(known.name))"
    }

    private func goingWords(_ open: OpenCompany) -> DisplayText {
        "Go to \(DisplayText(open.context.open.companyName)), open as \(String(open.number))"
    }

    /// The companies that are open, by their numbers.
    private var tabEntries: [PaletteEntry] {
        openCompanies.map { company in
            PaletteEntry(
                title: "tab \(String(company.number))",
                meaning: "Go to \(DisplayText(company.context.open.companyName))",
                target: .tab(company.number), completion: "tab \(String(company.number))")
        }
    }

    private func asking(_ name: String, _ meaning: DisplayText) -> PaletteEntry {
        PaletteEntry(
            title: "\(DisplayText(name)) …", meaning: meaning, target: .complete(name + " "),
            completion: name + " ")
    }
}

extension Command {
    /// Whether the command only moves the selection; such are no use in the palette.
    var isMovement: Bool {
        switch self {
        case .down, .up, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last, .palette, .quit,
            .openCompany:
            true
        default: false
        }
    }
}
