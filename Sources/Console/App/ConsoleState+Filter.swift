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
        case .escape, .control("g"):
            return clearFilter(target)
        case .enter:
            setFiltering(false, target)
            return target.opens ? perform(.open) : []
        case .tab:
            setFiltering(false, target)
            return []
        case .up, .down, .pageUp, .pageDown, .control("n"), .control("p"),
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
        switch target {
        case .companies:
            let isSlow = isSlow(companies.list.pending?.since)
            guard companies.list.edit(edit) else { return [] }
            companies.count = nil
            return (isSlow ? [.cancelControl] : []) + loadCompanies(.start)
        case .users:
            let isSlow = isSlow(context?.users.pending?.since)
            guard let id = context?.id, context?.users.edit(edit) == true else { return [] }
            return (isSlow ? [.cancel(id)] : []) + loadUsers(.start)
        case .journeys:
            let isSlow = isSlow(context?.journeys.pending?.since)
            guard let id = context?.id, context?.journeys.edit(edit) == true else { return [] }
            return (isSlow ? [.cancel(id)] : []) + loadJourneys(.start)
        case .controlTrail:
            let isSlow = isSlow(controlTrail?.list.pending?.since)
            guard controlTrail?.list.edit(edit) == true else { return [] }
            return (isSlow ? [.cancelControl] : []) + loadControlTrail(.start)
        case .migrations:
            let isSlow = isSlow(migrations?.list.pending?.since)
            guard migrations?.list.edit(edit) == true else { return [] }
            return (isSlow ? [.cancelControl] : []) + loadMigrations(.start)
        case .audit:
            let isSlow = isSlow(context?.audit.trail.pending?.since)
            guard let id = context?.id, context?.audit.trail.edit(edit) == true else { return [] }
            return (isSlow ? [.cancel(id)] : []) + loadTrail(.start)
        case .contexts: contexts?.list.edit(edit)
        case .requests: requests.list.edit(edit)
        case .operators: operators?.list.edit(edit)
        case .proof: proof?.edit(edit)
        }
        return []
    }

    /// Whether a search has run for so long that the next one shall not wait for its end: it is cancelled then.
    private func isSlow(_ since: Milliseconds?) -> Bool { since.map { now - $0 >= Spinner.delay } ?? false }

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
        case .companies: companies.list.isFiltering = on
        case .users: context?.users.isFiltering = on
        case .journeys: context?.journeys.isFiltering = on
        case .audit: context?.audit.trail.isFiltering = on
        case .contexts: contexts?.list.isFiltering = on
        case .requests: requests.list.isFiltering = on
        case .operators: operators?.list.isFiltering = on
        case .controlTrail: controlTrail?.list.isFiltering = on
        case .migrations: migrations?.list.isFiltering = on
        case .proof: proof?.isFiltering = on
        }
    }
}
