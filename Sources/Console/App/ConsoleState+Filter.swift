import Tenancy
import Terminal

extension ConsoleState {
    /// The filter line that takes the keys, if one does.
    enum FilterTarget: Sendable {
        case companies, users, journeys, audit, contexts, requests, operators, controlTrail, migrations
        case proof

        /// Whether the list is read as a whole.
        var isShort: Bool {
            switch self {
            case .contexts, .requests, .operators, .proof: true
            case .companies, .users, .journeys, .audit, .controlTrail, .migrations: false
            }
        }

        /// Whether `⏎` opens the selected row at once; elsewhere it would do more than look.
        var opens: Bool {
            switch self {
            case .companies, .users, .journeys: true
            case .audit, .contexts, .requests, .operators, .controlTrail, .migrations, .proof: false
            }
        }
    }

    /// The list on screen that can be filtered.
    var filterable: FilterTarget? {
        switch scope {
        case .companies: return .companies
        case .workspace:
            switch context?.tab {
            case .users: return .users
            case .journeys: return .journeys
            case .overview, .audit, nil: return nil
            }
        case .audit: return .audit
        case .contexts: return .contexts
        case .requests: return .requests
        case .operators: return .operators
        case .controlTrail: return .controlTrail
        case .migrations: return .migrations
        case .proof: return proof?.outcome == nil ? nil : .proof
        case .user, .journey, .anywhere: return nil
        }
    }

    var filterTarget: FilterTarget? { filterable.flatMap { isFiltering($0) ? $0 : nil } }

    private func isFiltering(_ target: FilterTarget) -> Bool {
        switch target {
        case .companies: companies.list.isFiltering
        case .users: context?.users.isFiltering == true
        case .journeys: context?.journeys.isFiltering == true
        case .audit: context?.audit.trail.isFiltering == true
        case .contexts: contexts?.list.isFiltering == true
        case .requests: requests.list.isFiltering
        case .operators: operators?.list.isFiltering == true
        case .controlTrail: controlTrail?.list.isFiltering == true
        case .migrations: migrations?.list.isFiltering == true
        case .proof: proof?.isFiltering == true
        }
    }

    /// Gives a key to the filter being typed; nil when none is, or the key means something else there.
    mutating func takeFilter(_ key: Key) -> [Effect]? {
        guard let target = filterTarget else { return nil }
        switch key {
        case .up:
            guard let last = lastFilter(target) else { return nil }
            return editFilter(target) { $0 = TextField(last, limit: $0.limit) }
        case .escape, .control("g"):
            return clearFilter(target)
        case .enter:
            setFiltering(false, target)
            return target.opens ? perform(.open) : []
        case .tab:
            setFiltering(false, target)
            return []
        case .down, .pageUp, .pageDown, .control("n"), .control("p"),
            .control("v"):
            return nil
        case .alt where !TextField.edits(key): return nil
        case .character, .backspace, .delete, .left, .right, .home, .end, .control, .alt:
            return editFilter(target) { _ = $0.take(key) }
        case .function, .insert, .backTab:
            return nil
        }
    }

    mutating func takePaste(_ text: String) -> [Effect] {
        if let last = overlays.indices.last {
            switch overlays[last] {
            case .impersonation(var form):
                if form.focus == .confirmation {
                    form.complaint = "The confirmation has to be typed; it can't be pasted."
                } else {
                    form[form.focus].paste(text)
                }
                overlays[last] = .impersonation(form)
            case .palette(let palette):
                return pasteIntoPalette(text, palette)
            case .confirm(var confirm):
                if confirm.typed != nil {
                    say("The confirmation has to be typed; it can't be pasted.", .warning)
                }
                confirm.reason?.paste(text)
                overlays[last] = .confirm(confirm)
            case .form(var form):
                if form.request == nil { form.paste(text) }
                overlays[last] = .form(form)
            case .export(var form):
                form.name.paste(text)
                overlays[last] = .export(form)
            case .help, .themes, .token, .menu, .record, .evidence, .columns, .waiting:
                break
            }
            return []
        }
        guard let target = filterTarget else {
            say(
                "A paste does nothing here; press \(keys.label(of: .filter)) first to filter by it.", .warning
            )
            return []
        }
        return editFilter(target) { $0.paste(text) }
    }

    /// Edits a filter; the list starts over where that gives another one.
    private mutating func editFilter(_ target: FilterTarget, _ edit: (inout TextField) -> Void) -> [Effect] {
        guard change(target, edit) else { return [] }
        if typed?.target != target { typed = TypedQuestion(target) }
        return typed?.type(at: now) == true ? ask(target) : []
    }

    /// Changes what stands in a filter; says whether the server has to be asked for other rows.
    private mutating func change(_ target: FilterTarget, _ edit: (inout TextField) -> Void) -> Bool {
        switch target {
        case .companies: return companies.list.edit(edit)
        case .users: return context?.users.edit(edit) == true
        case .journeys: return context?.journeys.edit(edit) == true
        case .controlTrail: return controlTrail?.list.edit(edit) == true
        case .migrations: return migrations?.list.edit(edit) == true
        case .audit: return context?.audit.trail.edit(edit) == true
        case .contexts: contexts?.list.edit(edit)
        case .requests: requests.list.edit(edit)
        case .operators: operators?.list.edit(edit)
        case .proof: proof?.edit(edit)
        }
        return false
    }

    /// Asks for the rows that the filter now lets through; a question that runs for long is cancelled for it.
    private mutating func ask(_ target: FilterTarget) -> [Effect] {
        typed?.settle()
        switch target {
        case .companies:
            companies.count = nil
            return cancelSlow(companies.list.pending?.since, .cancelControl) + loadCompanies(.start)
        case .controlTrail:
            return cancelSlow(controlTrail?.list.pending?.since, .cancelControl) + loadControlTrail(.start)
        case .migrations:
            return cancelSlow(migrations?.list.pending?.since, .cancelControl) + loadMigrations(.start)
        case .users:
            return cancelSlow(context?.users.pending?.since, cancelInside) + loadUsers(.start)
        case .journeys:
            return cancelSlow(context?.journeys.pending?.since, cancelInside) + loadJourneys(.start)
        case .audit:
            return cancelSlow(context?.audit.trail.pending?.since, cancelInside) + loadTrail(.start)
        case .contexts, .requests, .operators, .proof: return []
        }
    }

    private func cancelSlow(_ since: Milliseconds?, _ cancel: Effect?) -> [Effect] {
        since.map { now - $0 >= Spinner.delay } == true ? [cancel].compactMap(\.self) : []
    }

    private var cancelInside: Effect? { context.map { .cancel($0.id) } }

    /// Asks about what was typed once nothing follows it, or as soon as the line is left.
    mutating func askWhatWasTyped() -> [Effect] {
        guard let typed, let due = typed.dueAt, now >= due || filterTarget != typed.target else { return [] }
        return ask(typed.target)
    }

    /// Begins a filter: empty, so that the second ticket does not continue the first one's.
    mutating func beginFilter() -> [Effect] {
        guard let target = filterable else { return [] }
        setFiltering(true, target)
        guard change(target, { $0.clear() }) else { return [] }
        // Whoever types asks for other rows than all.
        typed = TypedQuestion(target)
        typed?.wait(at: now)
        return []
    }

    /// Empties the filter of the screen and shows the whole list again.
    mutating func clearFilter(_ target: FilterTarget) -> [Effect] {
        setFiltering(false, target)
        return editFilter(target) { $0.clear() }
    }

    /// Takes away the filter of a screen that lies on top; nil where there is none.
    mutating func clearFilterOnTop() -> [Effect]? {
        guard hasScreenOnTop, let target = filterable else { return nil }
        let isEmpty =
            switch target {
            case .contexts: contexts?.list.filter.isEmpty != false
            case .requests: requests.list.filter.isEmpty
            case .operators: operators?.list.filter.isEmpty != false
            case .controlTrail: controlTrail?.list.filter.isEmpty != false
            case .migrations: migrations?.list.filter.isEmpty != false
            case .proof: proof?.filter.isEmpty != false
            case .companies, .users, .journeys, .audit: true
            }
        return isEmpty ? nil : clearFilter(target)
    }

    private mutating func setFiltering(_ on: Bool, _ target: FilterTarget) {
        switch target {
        case .companies: companies.list.setFiltering(on)
        case .users: context?.users.setFiltering(on)
        case .journeys: context?.journeys.setFiltering(on)
        case .audit: context?.audit.trail.setFiltering(on)
        case .contexts: contexts?.list.setFiltering(on)
        case .requests: requests.list.setFiltering(on)
        case .operators: operators?.list.setFiltering(on)
        case .controlTrail: controlTrail?.list.setFiltering(on)
        case .migrations: migrations?.list.setFiltering(on)
        case .proof: proof?.setFiltering(on)
        }
    }

    /// What `↑` brings into the empty line of a filter.
    private func lastFilter(_ target: FilterTarget) -> String? {
        let list: (any FilterableList)? =
            switch target {
            case .companies: companies.list
            case .users: context?.users
            case .journeys: context?.journeys
            case .audit: context?.audit.trail
            case .contexts: contexts?.list
            case .requests: requests.list
            case .operators: operators?.list
            case .controlTrail: controlTrail?.list
            case .migrations: migrations?.list
            case .proof: proof
            }
        return list.flatMap { $0.hasLastFilter ? $0.lastFilter : nil }
    }
}
