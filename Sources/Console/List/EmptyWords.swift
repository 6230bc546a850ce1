import Terminal

/// What a list says while it has no row to show.
extension ConsoleState {
    /// Why its rows could not be read, and how they are asked for again.
    func words(forFailure why: String) -> [DisplayText] {
        [DisplayText(why), "\(shell.keys.label(of: .refresh)) reads again."]
    }

    /// That a filter lets no row through.
    func words(forNothingOf what: DisplayText, fitting filter: String) -> [DisplayText] {
        ["\(what) “\(DisplayText(filter))”.", "esc clears the filter."]
    }
}

extension ListState {
    /// What a list of a company says while it has no row to show.
    func emptyWords(of noun: DisplayText, _ state: ConsoleState) -> [DisplayText] {
        if state.context?.isInterrupted == true {
            return ["The connection is lost; the same token is being tried again."]
        }
        if let failure { return state.words(forFailure: failure) }
        if !isLoaded { return [] }
        if !meaning.text.isEmpty { return state.words(forNothingOf: "No \(noun) fit", fitting: meaning.text) }
        return ["There are no \(noun)."]
    }
}
