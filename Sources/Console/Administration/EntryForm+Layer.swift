import Tenancy
import Terminal

/// The keys of the form; at its end a question is asked, and the form waits below it.
extension EntryForm: OverlayLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .form,
                .of(
                    .fields,
                    [
                        KeyBinding(
                            .choose, [.enter], "next, at the end: ask",
                            "Go to the next field; in the last one, ask before it is done", rank: 2)
                    ], .closing("leave", "Close it; what is typed is kept"))
            )
        ]
    }

    var scope: Scope { .form }
    var overlay: Overlay { .form(self) }

    /// While it is being done there is only the way out.
    func offers(_ command: Command, _ console: ConsoleState) -> Bool { request == nil || command == .close }

    func words(for command: Command, _ console: ConsoleState) -> DisplayText? {
        command == .close && request != nil ? "cancel" : nil
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        guard request == nil else {
            guard command == .close else { return .stays([]) }
            console.say("Cancelled.", .warning)
            return .closes([.control(.cancel)])
        }
        switch command {
        case .close:
            guard isTouched else { return .closes([]) }
            console.shell.drafts.keep(self)
            console.shell.sayKept()
            return .closes([])
        case .nextField: moveFocus(by: 1)
        case .previousField: moveFocus(by: -1)
        case .choose where focus < fields.count - 1: moveFocus(by: 1)
        case .choose: ask(&console)
        default: break
        }
        return .stays([])
    }

    /// Asks before the change is made, or says what is wrong.
    private mutating func ask(_ console: inout ConsoleState) {
        switch checked {
        case .failure(let complaint): complain(complaint)
        case .success(let question):
            complaint = nil
            console.shell.overlays.append(
                .confirm(
                    ConfirmState(
                        subject: .administer(question.change), question: question.words,
                        detail: question.detail, reason: nil, askedAtFrame: console.shell.frames)))
        }
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        if request == nil { take(key) }
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        if request == nil { paste(text) }
        return []
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        EntryFormView(self).draw(into: &canvas)
    }
}
