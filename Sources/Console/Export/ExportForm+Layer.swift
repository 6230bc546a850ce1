import Tenancy
import Terminal

extension ExportForm: OverlayLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .export,
                .of(
                    [
                        KeyBinding(.choose, [.enter], "write the file", "Write the file", rank: 1),
                        KeyBinding(
                            .switchFormat, [.tab, .backTab], "CSV or JSON", "Write the other of CSV and JSON",
                            rank: 2),
                    ], .closing("cancel", "Close it; the name is kept"))
            )
        ]
    }

    var scope: Scope { .export }
    var overlay: Overlay { .export(self) }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        complaint = nil
        switch command {
        case .close:
            console.shell.drafts.keep(name, for: source)
            return .closes([])
        case .switchFormat: switchFormat()
        case .choose: return write(&console)
        default: break
        }
        return .stays([])
    }

    private mutating func write(_ console: inout ConsoleState) -> LayerOutcome {
        let file = name.text
        if file.isEmpty || file.hasSuffix("/") {
            complaint = "A file needs a name."
        } else if file.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            complaint = "The name has a control character in it."
        } else if source.isOfCompanies {
            let request = console.nextRequest()
            console.companies.export = ExportRun(request: request, file: file, since: console.shell.now)
            return .closes([.control(.export(request, Export(source: source, file: file)))])
        } else if let current = console.context, current.ended == nil, !current.isInterrupted {
            let request = console.nextRequest()
            console.company?.context.export = ExportRun(
                request: request, file: file, since: console.shell.now)
            return .closes([.inside(current.id, .export(request, Export(source: source, file: file)))])
        } else {
            complaint = "The connection is lost; try again when it is back."
        }
        return .stays([])
    }

    mutating func take(_ key: Key, in console: inout ConsoleState) -> LayerOutcome {
        complaint = nil
        _ = name.take(key)
        return .stays([])
    }

    mutating func paste(_ text: String, in console: inout ConsoleState) -> [Effect] {
        name.paste(text)
        return []
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        ExportFormView(self).draw(into: &canvas)
    }
}
