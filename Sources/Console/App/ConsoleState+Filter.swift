import Tenancy
import Terminal

extension ConsoleState {
    /// The filter line that takes the keys, if one does.
    enum FilterTarget: Sendable { case companies, users, journeys, audit }

    var filterTarget: FilterTarget? {
        switch scope {
        case .companies: return companies.list.isFiltering ? .companies : nil
        case .workspace:
            guard let context else { return nil }
            if context.tab == .users, context.users.isFiltering { return .users }
            if context.tab == .journeys, context.journeys.isFiltering { return .journeys }
            return nil
        case .audit: return context?.audit.isFiltering == true ? .audit : nil
        case .user, .journey, .contexts, .requests, .operators, .controlTrail, .migrations, .proof,
            .anywhere:
            return nil
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
            return target == .audit ? [] : perform(.open)
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

    private mutating func editFilter(_ target: FilterTarget, _ edit: (inout TextField) -> Void) -> [Effect] {
        switch target {
        case .companies:
            let before = companies.list.filter.text
            edit(&companies.list.filter)
            guard companies.list.filter.text != before else { return [] }
            companies.list.restart()
            companies.count = nil
            return loadCompanies(.start)
        case .users:
            guard var users = context?.users else { return [] }
            let before = users.filter.text
            edit(&users.filter)
            guard users.filter.text != before else {
                context?.users = users
                return []
            }
            users.restart()
            context?.users = users
            return loadUsers(.start)
        case .journeys:
            guard var journeys = context?.journeys else { return [] }
            let before = journeys.filter.text
            edit(&journeys.filter)
            guard journeys.filter.text != before else {
                context?.journeys = journeys
                return []
            }
            journeys.restart()
            context?.journeys = journeys
            return loadJourneys(.start)
        case .audit:
            guard var audit = context?.audit else { return [] }
            edit(&audit.filter)
            audit.top = 0
            audit.selected = audit.visible.first?.seq
            context?.audit = audit
            return []
        }
    }

    /// Empties the filter of the screen and shows the whole list again.
    mutating func clearFilter(_ target: FilterTarget) -> [Effect] {
        setFiltering(false, target)
        return editFilter(target) { $0.clear() }
    }

    private mutating func setFiltering(_ on: Bool, _ target: FilterTarget) {
        switch target {
        case .companies: companies.list.isFiltering = on
        case .users: context?.users.isFiltering = on
        case .journeys: context?.journeys.isFiltering = on
        case .audit: context?.audit.isFiltering = on
        }
    }
}
