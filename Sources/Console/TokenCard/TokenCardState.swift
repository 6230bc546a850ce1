import Terminal

/// The token card: what the context's token says, masked until asked for.
struct TokenCardState: OverlayLayer {
    static let isForReading = true
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .token,
                .of(
                    [
                        KeyBinding(
                            .showToken, [.character("s")], "show",
                            "Show the token, which the audit trail records", rank: 1),
                        KeyBinding(.copy, [.character("y")], "copy", "Copy the token that is shown", rank: 2),
                    ], .closing("close", by: [.enter, .character("q"), .character("t"), .left], "Close it"))
            )
        ]
    }

    var context: ContextID
    /// The token itself, once its showing is in the audit trail.
    var token: String?
    var isAsking = false

    init(context: ContextID) { self.context = context }

    var scope: Scope { .token }
    var overlay: Overlay { .token(self) }

    func offers(_ command: Command, _ console: ConsoleState) -> Bool {
        switch command {
        case .showToken: token == nil
        case .copy: token != nil
        default: true
        }
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .close: return .closes([])
        case .showToken:
            guard token == nil, !isAsking else { break }
            isAsking = true
            return .stays([.inside(context, .showToken)])
        case .copy:
            if let token { return .stays([.terminal(.copy(token, what: "the token"))]) }
            let key = console.shell.keys.label(of: .showToken)
            console.say("The token is masked; \(key) shows it, which the audit trail records.", .warning)
        default: break
        }
        return .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        TokenCardView(self, state: console).draw(into: &canvas)
        return nil
    }
}

extension ConsoleState {
    /// Takes in the token of a context whose card is open.
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
