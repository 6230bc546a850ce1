import Tenancy
import Terminal

/// One line of a proof with its whole evidence.
struct EvidenceState: ScrolledLayer {
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .evidence,
                .of(
                    .reading("scroll"),
                    .closing(
                        "close", by: [.enter, .character("q"), .left, .character("h")], "Close it"))
            )
        ]
    }

    let line: ProofReport.Line
    var top = 0

    init(_ line: ProofReport.Line) { self.line = line }

    var scope: Scope { .evidence }
    var overlay: Overlay { .evidence(self) }

    func last(_ console: ConsoleState) -> Int { EvidenceView.last(of: line, in: console.size) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        if command == .close { return .closes([]) }
        scroll(command, console)
        return .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        EvidenceView(line, top: top).draw(into: &canvas)
        return nil
    }
}
