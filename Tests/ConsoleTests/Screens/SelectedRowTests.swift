import Tenancy
import Terminal
import TestSupport
import Testing

@testable import Console

/// The selected row is drawn, whole, whatever was pressed: on every list with more rows than fit, at every size.
struct SelectedRowTests {
    /// A list, the keys that lead there, and what its selected row is told by.
    struct Way: Sendable, CustomTestStringConvertible {
        let scope: Scope
        let keys: [Key]
        let identity: @Sendable (ConsoleState) -> String?
        var tab: ContextState.Tab?

        var testDescription: String { scope.rawValue + (tab.map { " \($0)" } ?? "") }

        func driver(_ size: Size) -> Driver {
            let driver = Driver(columns: size.columns, rows: size.rows, level: .admin, login: "bob")
            driver.send(.control(.requestsChanged))
            driver.answerAll()
            for key in keys {
                driver.press(key)
                driver.answerAll()
            }
            return driver
        }

        func isOn(_ state: ConsoleState) -> Bool {
            state.scope == scope && state.overlays.isEmpty && (tab == nil || state.context?.tab == tab)
        }
    }

    static let ways: [Way] = [
        Way(scope: .companies, keys: []) { $0.companies.list.selected?.name },
        Way(scope: .users, keys: [.enter], identity: { $0.context?.users.selected?.name }, tab: .users),
        Way(
            scope: .journeys, keys: [.enter, .character("3")],
            identity: { $0.context?.journeys.selected?.name }, tab: .journeys),
        Way(scope: .audit, keys: [.enter, .character("A")]) {
            $0.context?.audit.trail.selected.map { Moment.second($0.at).string }
        },
        Way(scope: .user, keys: [.enter, .enter]) {
            $0.context?.user?.list.selectedRow?.name
        },
        Way(scope: .journey, keys: [.enter, .enter, .enter]) {
            $0.context?.journey?.list.selectedRow?.name
        },
        Way(scope: .tables, keys: [.enter, .character("4")]) {
            ($0.context?.screen?.screen as? TablesScreen)?.list.selectedRow?.name
        },
        Way(scope: .rows, keys: [.enter, .character("4"), .enter]) {
            ($0.context?.screen?.screen as? RowsScreen)?.list.selected?.values.first?.text
        },
        Way(scope: .row, keys: [.enter, .character("4"), .enter, .enter]) { _ in "line" },
        Way(scope: .contexts, keys: [.character("C")]) { $0.contexts?.list.selectedRow?.operatorName },
        Way(scope: .contexts, keys: [.enter, .character("C")]) {
            $0.contexts?.list.selectedRow?.operatorName
        },
        Way(scope: .requests, keys: [.character("P")]) { $0.requestsScreen?.list.selectedRow?.operatorName },
        Way(scope: .operators, keys: [.character("O")]) { $0.operators?.list.selectedRow?.login },
        Way(scope: .controlTrail, keys: [.character("L")]) {
            $0.controlTrail?.list.selected.map { Moment.second($0.at).string }
        },
        Way(scope: .migrations, keys: [.character("M")]) { $0.migrations?.list.selected?.urlID },
        Way(scope: .proof, keys: [.character("p")]) { $0.proof?.selectedLine?.id },
    ]

    static let sizes = Scene.sizes + [Size(columns: 96, rows: 19)]

    @Test(arguments: ways, [Scene.sizes[0], Scene.sizes[2]])
    func isDrawnAfterEveryKey(way: Way, size: Size) throws {
        let keys = Keymap.standard.bindings(in: way.scope).flatMap(\.keys)
        for start: [Key] in [[.end], Array(repeating: .down, count: 24)] {
            let driver = way.driver(size)
            for step in start { driver.press(step) }
            driver.answerAll()
            try check(way, driver, "before any key")
            let before = driver.state
            for key in keys where key != .control("c") {
                driver.state = before
                driver.press(key)
                driver.answerAll()
                try check(way, driver, "after \(key.label) and its answer")
            }
        }
    }

    @Test(arguments: ways)
    func isDrawnWhateverTheSizeBecomesAndWithThePaneOrWithout(way: Way) throws {
        var random = SplitMix(seed: 7)
        let driver = way.driver(Scene.sizes[2])
        let keys: [Key] = [
            .down, .up, .pageDown, .pageUp, .home, .end, .control("d"), .control("u"), .character("a"),
            .character("a"), .character("l"), .character("h"), .character("r"),
        ]
        for round in 0..<150 {
            if round.isMultiple(of: 5) {
                let size = Self.sizes.randomElement(using: &random) ?? Scene.sizes[0]
                driver.send(.input(.resize(size)))
                try check(way, driver, "after a resize in round \(round)")
            }
            let key = keys.randomElement(using: &random) ?? .down
            driver.press(key)
            driver.answerAll()
            try check(way, driver, "after \(key.label) in round \(round)")
            if !way.isOn(driver.state) { driver.press(.escape) }
            guard way.isOn(driver.state) else { return }
        }
    }

    private func check(_ way: Way, _ driver: Driver, _ when: DisplayText) throws {
        guard way.isOn(driver.state), let identity = way.identity(driver.state) else { return }
        let rows = try #require(driver.state.rowsOnScreen, "\(when)")
        let selected = try #require(rows.selected, "\(when)")
        let line = try #require(
            rows.places.firstIndex(of: selected), "the row \(identity) is not drawn \(when)")
        #expect(line < rows.area.rows, "the row \(identity) lies below the list \(when)")
        let text = driver.canvas.text(row: rows.area.row + line)
        #expect(text.contains("▌") || way.scope == .journey, "\(text), \(when)")
        #expect(text.contains(identity), "\(identity) is not whole in \(text), \(when)")
    }
}
