import Tenancy
import Terminal

/// How often the values of a column occur: asked, then counted.
struct FrequencyState: ScrolledLayer {
    static let isOfContext = true
    static var bindings: [(scope: Scope, keys: [KeyBinding])] {
        [
            (
                .frequency,
                .of(
                    .reading("scroll"),
                    .closing(
                        "close", by: [.enter, .character("q"), .left],
                        "Close it; a count that is on its way is stopped"))
            )
        ]
    }

    let table: String
    let column: String
    let request: RequestID
    let since: Milliseconds
    var counted: ColumnFrequency?
    var failure: DisplayText?
    var top = 0

    init(_ table: String, _ column: String, _ request: RequestID, at now: Milliseconds) {
        self.table = table
        self.column = column
        self.request = request
        since = now
    }

    /// Since when it is being counted; nil once it is, or cannot be.
    var waitingSince: Milliseconds? { counted == nil && failure == nil ? since : nil }

    var scope: Scope { .frequency }
    var overlay: Overlay { .frequency(self) }

    func last(_ console: ConsoleState) -> Int {
        max(0, (counted?.shares.count ?? 0) - FrequencyView.rows(in: console.size))
    }

    mutating func perform(_ command: Command, in console: inout ConsoleState) -> LayerOutcome {
        if command == .close { return .closes(console.cancelCounting(self) ?? []) }
        scroll(command, console)
        return .stays([])
    }

    func draw(into canvas: inout Canvas, _ console: ConsoleState) -> Position? {
        FrequencyView(self, at: console.now).draw(into: &canvas)
        return nil
    }
}

extension ConsoleState {
    fileprivate func cancelCounting(_ state: FrequencyState) -> [Effect]? {
        guard state.waitingSince != nil, let context else { return nil }
        return [.inside(context.id, .cancel)]
    }

    /// The count that lies over the screen.
    var frequency: FrequencyState? {
        if case .frequency(let state) = shell.overlays.last { state } else { nil }
    }

    /// Stops the count that lies over the screen; nil when nothing is being counted.
    func cancelCounting() -> [Effect]? { frequency.flatMap(cancelCounting) }

    /// The connection is lost: what is being counted on it will not come.
    mutating func loseCounts() {
        for (index, overlay) in shell.overlays.enumerated() {
            guard case .frequency(var state) = overlay, state.waitingSince != nil else { continue }
            state.failure = "The connection is lost; close this and count again when it is back."
            shell.overlays[index] = .frequency(state)
        }
    }

    /// Takes in what was counted, where somebody still waits for it.
    mutating func takeCounted(_ request: RequestID, _ result: Result<ColumnFrequency, TenancyError>) {
        for (index, overlay) in shell.overlays.enumerated() {
            guard case .frequency(var state) = overlay, state.request == request else { continue }
            switch result {
            case .success(let counted): state.counted = counted
            case .failure(let error): state.failure = DisplayText(error.sentence)
            }
            shell.overlays[index] = .frequency(state)
        }
    }
}

/// The values of a column, the most frequent first, with a bar each.
struct FrequencyView {
    private let state: FrequencyState
    private let now: Milliseconds

    init(_ state: FrequencyState, at now: Milliseconds) {
        self.state = state
        self.now = now
    }

    private static func area(_ size: Size) -> Rect { size.panel(columns: 84, rows: 24) }

    static func rows(in size: Size) -> Int { max(1, area(size).inner.rows - 2) }

    func draw(into canvas: inout Canvas) {
        let area = Self.area(canvas.size)
        canvas.panelBox(area, title: "\(DisplayText(state.table)) · \(DisplayText(state.column))")
        let inner = area.inner
        guard let counted = state.counted else {
            let waiting = Spinner.picture(since: state.since, now: now, ascii: canvas.glyphs.isASCII)
            let words = state.failure ?? waiting.map { $0 + " counting · esc cancels" } ?? ""
            for (offset, line) in words.wrapped(to: inner.columns - 4).prefix(3).enumerated() {
                canvas.write(
                    line, row: inner.row + 1 + offset, column: inner.column + 2,
                    style: state.failure == nil ? .muted : Style(.error))
            }
            return
        }
        let whole: DisplayText =
            counted.isSample
            ? "the first \(Figure.exact(Int(counted.rows)))" : Figure.exact(Int(counted.rows))
        canvas.write(
            "\(Figure.exact(Int(counted.different))) different values in \(whole) rows", row: inner.row,
            column: inner.column + 1, width: inner.columns - 2, style: .muted)
        let width = min(36, inner.columns / 2)
        for (offset, share) in counted.shares.dropFirst(state.top).prefix(inner.rows - 2).enumerated() {
            let row = inner.row + 2 + offset
            canvas.write(
                share.value.text.map { DisplayText($0) + (share.value.isWhole ? "" : "…") } ?? "NULL",
                row: row,
                column: inner.column + 1, width: width, style: share.value.isNull ? .muted : .text)
            let figure = Figure.exact(Int(share.rows))
            canvas.write(
                figure, row: row, column: inner.column + 12 + width - figure.columns, style: .muted)
            let room = inner.columns - width - 15
            if room > 3, counted.rows > 0 {
                canvas.bar(
                    Double(share.rows) / Double(counted.rows), row: row, column: inner.column + 14 + width,
                    width: room, style: Style(.chart1))
            }
        }
    }
}
