import Tenancy
import Terminal

extension ConfirmState: OverlayLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .question,
                .of(
                    [KeyBinding(.yes, [.character("y"), .character("Y")], "yes", "Do it", rank: 1)],
                    .closing("no"))
            ),
            (
                .reason,
                .of(
                    [
                        KeyBinding(
                            .choose, [.enter], "do it, with this reason",
                            "Go on with the reason that is typed",
                            rank: 1)
                    ], .closing("no", "Close it; the reason is kept"))
            ),
            (
                .typedName,
                .of(
                    [
                        KeyBinding(
                            .choose, [.enter], "do it, once typed", "Do it, once the name is typed", rank: 1)
                    ], .closing("no"))
            ),
        ]
    }

    var scope: Scope { reason != nil ? .reason : typed != nil ? .typedName : .question }
    var overlay: Overlay { .confirm(self) }

    func words(for command: Command, _ console: ConsoleState) -> DisplayText? {
        command == .choose && reason != nil && subject.wantsYes ? "this is the reason" : nil
    }

    /// Keys count only when the question was on the screen before they were pressed.
    private func wasSeen(_ console: ConsoleState) -> Bool { console.shell.frames > askedAtFrame }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        guard wasSeen(console) else { return .stays([]) }
        switch command {
        case .close:
            close(&console)
            return .closes([])
        case .yes: return .closes(console.carryOut(subject, reason: given ?? ""))
        case .choose:
            if let reason { return accept(reason, &console) }
            guard let typed else { return .stays([]) }
            if typed.field.text == typed.expected { return .closes(console.carryOut(subject, reason: "")) }
            let no = console.shell.keys.label(of: .close, in: .typedName)
            console.say("Type \(DisplayText(typed.expected)) to confirm; \(no) does not.", .warning)
            return .stays([])
        default: return .stays([])
        }
    }

    /// `y` does it, Enter never does, and everything else means no.
    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        guard wasSeen(console) else { return .stays([]) }
        if reason != nil || typed != nil {
            if reason?.take(key) == nil { _ = typed?.field.take(key) }
            return .stays([])
        }
        if key == .enter {
            let keys = console.shell.keys
            console.say(
                "Enter does not confirm: \(keys.label(of: .yes)) does, \(keys.label(of: .close, in: .question)) does not.",
                .warning)
            return .stays([])
        }
        console.say("Nothing was changed.")
        return .closes([])
    }

    private func close(_ console: inout ConsoleState) {
        guard let reason else { return console.say("Nothing was changed.") }
        console.shell.drafts.keep(reason, for: subject)
        if !reason.isEmpty { console.shell.sayKept() }
    }

    /// The reason is typed: it is done, or asked about with the reason in sight.
    private mutating func accept(_ reason: TextField, _ console: inout ConsoleState) -> LayerOutcome {
        guard !reason.isEmpty else {
            console.say("A reason is needed: it goes into the audit trail.", .warning)
            return .stays([])
        }
        guard subject.wantsYes else {
            console.shell.drafts.keep(nil, for: subject)
            return .closes(console.carryOut(subject, reason: reason.text))
        }
        given = reason.text
        self.reason = nil
        detail.append("Because: \(DisplayText(reason.text))")
        askedAtFrame = console.shell.frames
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        if typed != nil { console.say("The confirmation has to be typed; it can't be pasted.", .warning) }
        reason?.paste(text)
        return []
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ConfirmView(self, keys: console.keys).draw(into: &canvas)
    }
}
