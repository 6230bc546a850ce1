import Tenancy
import Terminal

extension ConsoleState {
    /// The filter line that takes the keys, if one does.
    enum FilterTarget: Sendable {
        /// The list of a screen over the control connection: the companies, or what lies on top.
        case control
        /// The list of the company's screen.
        case inside
    }

    /// The list on screen that can be filtered.
    var filterable: FilterTarget? {
        if let screen = controlScreen {
            return screen.screen.offers(.filter, shell) == false ? nil : .control
        }
        if let screen = context?.screen {
            return screen.screen.offers(.filter, shell) == false ? nil : .inside
        }
        return nil
    }

    var filterTarget: FilterTarget? { filterable.flatMap { list(of: $0)?.isFiltering == true ? $0 : nil } }

    /// The list behind a filter line.
    func list(of target: FilterTarget) -> (any FilterableList)? {
        switch target {
        case .control: controlScreen?.screen.list
        case .inside: context?.screen?.screen.list
        }
    }

    /// Whether `⏎` in a filter line opens the selected row at once; elsewhere it would do more than look.
    func opens(_ target: FilterTarget) -> Bool {
        switch target {
        case .control: controlScreen.map { type(of: $0.screen).opensFromFilter } == true
        case .inside: context?.screen.map { type(of: $0.screen).opensFromFilter } == true
        }
    }

    /// Gives a key to the filter being typed; nil when none is, or the key means something else there.
    mutating func takeFilter(_ key: Key) -> [Effect]? {
        guard let target = filterTarget else { return nil }
        if case .character = key { return editFilter(target) { _ = $0.take(key) } }
        switch shell.keys.command(for: key, in: .filterLine) {
        case .up:
            guard let last = lastFilter(target) else { return perform(.up) }
            return editFilter(target) { $0 = TextField(last, limit: $0.limit) }
        case .close: return clearFilter(target)
        case .choose:
            setFiltering(false, target)
            // What stands in the line is asked about before another screen is on.
            let asked = typed?.dueAt != nil ? ask(target) : []
            return asked + (opens(target) ? perform(.open) : [])
        case .keepFilter:
            setFiltering(false, target)
            return []
        case .some(let command): return perform(command)
        case nil: break
        }
        switch key {
        case .alt where !TextField.edits(key): return nil
        case .backspace, .delete, .left, .right, .home, .end, .control, .alt:
            return editFilter(target) { _ = $0.take(key) }
        default: return nil
        }
    }

    mutating func takePaste(_ text: String) -> [Effect] {
        if !shell.overlays.isEmpty { return pasteIntoOverlay(text) }
        guard let target = filterTarget else {
            say(
                "A paste does nothing here; press \(shell.keys.label(of: .filter)) first to filter by it.",
                .warning
            )
            return []
        }
        return editFilter(target) { $0.paste(text) }
    }

    /// Edits a filter; the list starts over where that gives another one.
    private mutating func editFilter(_ target: FilterTarget, _ edit: (inout TextField) -> Void) -> [Effect] {
        guard change(target, edit) else { return [] }
        if typed?.target != target { typed = TypedQuestion(target) }
        return typed?.type(at: shell.now) == true ? ask(target) : []
    }

    /// Changes what stands in a filter; says whether the server has to be asked for other rows.
    private mutating func change(_ target: FilterTarget, _ edit: (inout TextField) -> Void) -> Bool {
        switch target {
        case .control: controlScreen?.screen.edit(edit) == true
        case .inside: editScreen(edit)
        }
    }

    /// Asks for the rows that the filter now lets through; a question that runs for long is cancelled for it.
    private mutating func ask(_ target: FilterTarget) -> [Effect] {
        typed?.settle()
        switch target {
        case .control:
            return cancelSlow(controlScreen?.screen.waitingSince, .control(.cancel))
                + (onControlScreen { $0.search(&$1) } ?? [])
        case .inside:
            return cancelSlow(context?.screen?.screen.waitingSince, cancelInside)
                + (company?.onScreen(&shell) { $0.search(&$1) } ?? [])
        }
    }

    private func cancelSlow(_ since: Milliseconds?, _ cancel: Effect?) -> [Effect] {
        since.map { shell.now - $0 >= Spinner.delay } == true ? [cancel].compactMap(\.self) : []
    }

    private var cancelInside: Effect? { context.map { .inside($0.id, .cancel) } }

    /// Asks about what was typed once nothing follows it, or as soon as the line is left.
    mutating func askWhatWasTyped() -> [Effect] {
        guard let typed, let due = typed.dueAt, shell.now >= due || filterTarget != typed.target else {
            return []
        }
        return ask(typed.target)
    }

    /// Begins a filter: empty, so that the second ticket does not continue the first one's.
    mutating func beginFilter() -> [Effect] {
        guard let target = filterable else { return [] }
        setFiltering(true, target)
        guard change(target, { $0.clear() }) else { return [] }
        // Whoever types asks for other rows than all.
        typed = TypedQuestion(target)
        typed?.wait(at: shell.now)
        return []
    }

    /// Empties the filter of the screen and shows the whole list again.
    mutating func clearFilter(_ target: FilterTarget) -> [Effect] {
        setFiltering(false, target)
        return editFilter(target) { $0.clear() }
    }

    private mutating func editScreen(_ edit: (inout TextField) -> Void) -> Bool {
        var isOther = false
        onScreenOfCompany { isOther = $0.edit(edit) }
        return isOther
    }

    /// Takes away the filter of the list on screen; nil where there is none.
    mutating func clearFilterOfScreen() -> [Effect]? {
        guard let target = filterable, list(of: target)?.filter.isEmpty == false else { return nil }
        return clearFilter(target)
    }

    private mutating func setFiltering(_ on: Bool, _ target: FilterTarget) {
        switch target {
        case .control: controlScreen?.screen.setFiltering(on)
        case .inside: onScreenOfCompany { $0.setFiltering(on) }
        }
    }

    /// What `↑` brings into the empty line of a filter.
    private func lastFilter(_ target: FilterTarget) -> String? {
        list(of: target).flatMap { $0.hasLastFilter ? $0.lastFilter : nil }
    }
}
