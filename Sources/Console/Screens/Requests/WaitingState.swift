import Tenancy
import Terminal

/// The wait for a second operator, while it is on screen; what is waited for is the console's.
struct WaitingState: OverlayLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [(.waiting, .closing("close", by: [.character("q")], "Leave it; a request that is open waits on"))]
    }

    var scope: Scope { .waiting }
    var overlay: Overlay { .waiting(self) }

    func words(for command: Command, _ console: ConsoleState) -> DisplayText? {
        console.wait?.request.state == .pending ? "leave it waiting" : nil
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        guard command == .close else { return .stays([]) }
        if console.wait?.request.state == .pending {
            console.say("The request waits on; \(console.shell.keys.label(of: .requests)) lists it.")
        } else if console.wait?.request.state.isOpen != true {
            console.wait = nil
        }
        return .closes([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        if let wait = console.wait { ApprovalWaitView(wait, state: console).draw(into: &canvas) }
        return nil
    }
}

extension ConsoleState {
    /// Whether the wait for an approval is what is on screen.
    var isWaitShown: Bool { shell.overlays.last == .waiting(WaitingState()) }
}
