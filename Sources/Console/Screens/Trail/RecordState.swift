import Tenancy
import Terminal

/// One audit record, whole.
struct RecordState: ScrolledLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .record,
                .of(
                    .reading("scroll"),
                    [KeyBinding(.copy, [.character("y")], "copy", "Copy a part of the record", rank: 3)],
                    .closing(
                        "close", by: [.enter, .character("q"), .left, .character("h")], "Close it"))
            )
        ]
    }

    let record: AuditRecord
    var top = 0

    init(_ record: AuditRecord) { self.record = record }

    var scope: Scope { .record }
    var overlay: Overlay { .record(self) }

    func last(_ console: ConsoleState) -> Int {
        RecordView.last(of: record, console.context?.audit.values[record.id], in: console.size)
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        switch command {
        case .close: return .closes([])
        case .copy: console.shell.overlays.append(.menu(.copying(record)))
        default: scroll(command, console)
        }
        return .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        RecordView(record, top: top, values: console.context?.audit.values[record.id]).draw(into: &canvas)
        return nil
    }
}
