import Tenancy
import Terminal

extension ConsoleState {
    /// Gives a key to the overlay on top.
    mutating func takeOverlay(_ key: Key) -> [Effect] {
        guard let overlay = shell.overlays.popLast() else { return [] }
        if overlay.isForReading, offers(.endImpersonation),
            shell.keys.command(for: key, in: scope) == .endImpersonation
        {
            return endImpersonation()
        }
        switch overlay {
        case .help(let help): return takeHelp(key, help)
        case .palette(let palette): return takePalette(key, palette)
        case .themes(let picker): return takeThemes(key, picker)
        case .impersonation(let form): return takeForm(key, form)
        case .token(let card): return takeTokenCard(key, card)
        case .menu(let menu): return takeMenu(key, menu)
        case .confirm(let confirm): return takeConfirm(key, confirm)
        case .record(let record, let top): return takeRecord(key, record, top: top)
        case .form(let form): return takeEntryForm(key, form)
        case .evidence(let line, let top): return takeEvidence(key, line, top: top)
        case .columns(let columns): return takeColumns(key, columns)
        case .export(let form): return takeExport(key, form)
        case .pick(let pick): return takePick(key, pick)
        case .frequency(let frequency): return takeFrequency(key, frequency)
        case .waiting: return takeWaiting(key)
        }
    }

    private mutating func takeThemes(_ key: Key, _ picker: ThemePickerState) -> [Effect] {
        switch key {
        case .enter:
            return [.terminal(.useTheme(theme, keep: true))]
        case .escape, .character("q"):
            theme = picker.before
            return [.terminal(.useTheme(picker.before, keep: false))]
        default:
            var picker = picker
            let delta = shell.keys.command(for: key, in: .audit)?.rows(of: shell.themes.count) ?? 0
            picker.selected = min(max(0, picker.selected + delta), max(0, shell.themes.count - 1))
            shell.overlays.append(.themes(picker))
            guard shell.themes.indices.contains(picker.selected), shell.themes[picker.selected] != theme
            else {
                return []
            }
            theme = shell.themes[picker.selected]
            return [.terminal(.useTheme(theme, keep: false))]
        }
    }

    private mutating func takeMenu(_ key: Key, _ menu: MenuState) -> [Effect] {
        var menu = menu
        switch key {
        case .escape, .character("q"), .left: return []
        case .down,
            .character("j") where !menu.items.contains { $0.key == "j" }:
            menu.selected = min(menu.selected + 1, menu.items.count - 1)
        case .up,
            .character("k") where !menu.items.contains { $0.key == "k" }:
            menu.selected = max(0, menu.selected - 1)
        case .enter:
            guard menu.items.indices.contains(menu.selected) else { return [] }
            return choose(menu.items[menu.selected])
        case .character(let character):
            if let item = menu.items.first(where: { $0.key == character }) { return choose(item) }
        default: break
        }
        shell.overlays.append(.menu(menu))
        return []
    }

    private mutating func choose(_ item: MenuState.Item) -> [Effect] {
        switch item.choice {
        case .copy(let text, let what): return [.terminal(.copy(text, what: what))]
        case .confirm(let subject, let question, let detail):
            shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: subject, question: question, detail: detail, reason: nil,
                        askedAtFrame: shell.frames)))
            return []
        case .confirmTyped(let subject, let question, let detail, let typed):
            shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: subject, question: question, detail: detail, reason: nil,
                        askedAtFrame: shell.frames, typed: .init(expected: typed))))
            return []
        case .form(let form):
            shell.open(form)
            return []
        case .endImpersonation(let number): return endImpersonation(number: number)
        case .command(let command): return perform(command)
        }
    }

    private mutating func takeRecord(_ key: Key, _ record: AuditRecord, top: Int) -> [Effect] {
        switch key {
        case .escape, .enter, .character("q"), .left, .character("h"): return []
        case .character("y"):
            shell.overlays.append(.record(record, top: top))
            shell.overlays.append(.menu(.copying(record)))
            return []
        default:
            let last = RecordView.last(of: record, context?.audit.values[record.id], in: size)
            let delta = shell.keys.command(for: key, in: .audit)?.rows(of: 1000) ?? 0
            shell.overlays.append(.record(record, top: min(max(0, top + delta), last)))
            return []
        }
    }

    private mutating func takeTokenCard(_ key: Key, _ card: TokenCardState) -> [Effect] {
        var card = card
        switch key {
        case .character("s") where card.token == nil && !card.isAsking:
            card.isAsking = true
            shell.overlays.append(.token(card))
            return [.inside(card.context, .showToken)]
        case .character("y"):
            shell.overlays.append(.token(card))
            guard let token = card.token else {
                say("The token is masked; s shows it, which the audit trail records.", .warning)
                return []
            }
            return [.terminal(.copy(token, what: "the token"))]
        case .escape, .enter, .character("q"), .character("t"), .left:
            return []
        default:
            shell.overlays.append(.token(card))
            return []
        }
    }

    mutating func showToken(_ id: ContextID, _ token: String) {
        for (index, overlay) in shell.overlays.enumerated() {
            guard case .token(var card) = overlay, card.context == id, company?.accepts(id) == true else {
                continue
            }
            card.token = token
            card.isAsking = false
            shell.overlays[index] = .token(card)
        }
    }
}
