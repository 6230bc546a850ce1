import Tenancy
import Terminal
import Testing

@testable import Console

/// Every key of the table does what its command says, on every screen and in everything that lies over one.
struct EveryKeyTests {
    /// One key of one binding on one screen.
    struct Press: Sendable, CustomTestStringConvertible {
        let command: Command
        let key: Key
        let scope: Scope
        var testDescription: String { "\(scope.rawValue) \(key.label.string) \(command.rawValue)" }
    }

    static let presses: [Press] = [Keymap.standard, .emacs].flatMap { map in
        Scope.allCases.filter { $0 != .anywhere }.flatMap { scope in
            map.bindings(in: scope).flatMap { binding in
                binding.keys.filter { map.command(for: $0, in: scope) == binding.command }
                    .map { Press(command: binding.command, key: $0, scope: scope) }
            }
        }
    }

    @Test func everyCommandOfTheTableIsPressed() {
        #expect(Set(Self.presses.map(\.command)) == Set(KeyTable.bindings.map(\.command)))
        #expect(Set(Self.presses.map(\.scope)) == Set(Scope.allCases).subtracting([.anywhere]))
    }

    @Test(arguments: presses)
    func doesWhatItsCommandSays(press: Press) throws {
        let driver = try Stage(press.scope, for: press.command).driver
        #expect(driver.state.keyScope == press.scope)
        if press.key != .control("a"), press.key != .control("e"), press.key != .alt("x") {
            driver.state.keys = .standard
        }
        if Keymap.standard.command(for: press.key, in: press.scope) != press.command {
            driver.state.keys = .emacs
        }
        _ = driver.takeEffects()
        let before = driver.state
        driver.press(press.key)
        let happened = Happened(before: before, after: driver.state, effects: driver.takeEffects())
        let fits =
            press.scope.isOverScreen
            ? happened.fitsOverScreen(press.command) : happened.fits(press.command, key: press.key)
        #expect(fits, "\(happened.summary)")
        #expect(driver.state.notice?.text.string.hasSuffix("does nothing here.") != true)
    }
}

/// What a key made of a state.
struct Happened {
    let before: ConsoleState
    let after: ConsoleState
    let effects: [Effect]

    var summary: String {
        "\(before.scope) → \(after.scope), overlays \(after.overlays.count), notice "
            + "\(after.notice?.text.string ?? "none"), effects \(effects)"
    }

    private var moved: Int { position(after) - position(before) }
    private var opensOverlay: Bool { after.overlays.count == before.overlays.count + 1 }
    private var isLeft: Bool {
        after.scope != before.scope || after.context?.id != before.context?.id || opensOverlay
            || effects.contains(.terminal(.quit))
    }

    private func asks(_ isOne: (Effect) -> Bool) -> Bool { effects.contains(where: isOne) }

    private var reads: Bool {
        asks {
            switch $0 {
            case .control(.loadCompanies), .control(.loadContexts), .control(.loadRequests),
                .control(.loadOperators), .control(.loadControlTrail), .control(.loadMigrations),
                .control(.prove), .inside(_, .loadUsers), .inside(_, .loadJourneys),
                .inside(_, .loadOverview), .inside(_, .loadUser), .inside(_, .loadJourney),
                .inside(_, .loadAudit), .inside(_, .loadTrail),
                .inside(_, .loadTables), .inside(_, .loadRows), .inside(_, .loadRow):
                true
            default: false
            }
        }
    }

    func fits(_ command: Command, key: Key) -> Bool {
        switch command {
        case .down, .pageDown, .halfPageDown, .last: moved > 0 || reads
        case .up, .pageUp, .halfPageUp, .first: moved < 0 || reads
        case .open:
            opensOverlay || after.opening != nil || after.context?.path.count != before.context?.path.count
                || after.number != before.number
        case .back: isLeft || after.scope == .companies && after.notice != nil
        case .quit: isLeft
        case .filter: after.filterTarget != nil
        case .sort: reads || order(after) != order(before)
        case .reverseSort: reads || order(after) == order(before).map { -$0 }
        case .refresh: reads
        case .pause: after.context?.audit.isPaused == true
        case .scrollRight: shift(after) > shift(before)
        case .scrollLeft: shift(after) < shift(before)
        case .nextTab, .previousTab:
            after.context?.tab != before.context?.tab || after.migrations?.shown != before.migrations?.shown
        case .overview: after.context?.tab == .overview && after.context?.path.isEmpty == true
        case .users: after.context?.tab == .users && after.context?.path.isEmpty == true
        case .journeys: after.context?.tab == .journeys && after.context?.path.isEmpty == true
        case .tables: after.context?.tab == .tables && after.context?.path.isEmpty == true
        case .frequency, .pointers: if case .pick = after.overlays.last { true } else { false }
        case .columns where after.scope == .rows: if case .pick = after.overlays.last { true } else { false }
        case .copy where after.scope == .row: asks { if case .terminal(.copy) = $0 { true } else { false } }
        case .audit: after.context?.tab == .audit && after.scope == .audit
        case .historyBack: after.context?.tab == .users && before.context?.tab == .journeys || isLeft
        case .historyForward: after.context?.tab != before.context?.tab || isLeft
        case .companies: after.scope == .companies && after.context == nil
        case .contexts: after.scope == .contexts
        case .requests: after.scope == .requests
        case .operators: after.scope == .operators
        case .controlTrail: after.scope == .controlTrail
        case .migrations: after.scope == .migrations
        case .lastCompany, .nextCompany, .previousCompany:
            after.context != nil && (after.number != before.number || before.context == nil || isLeft)
        case .openCompany:
            after.context != nil && after.number == key.digit
                || (key.digit ?? 0) > 2 && after.notice != nil
        case .closeCompany:
            asks { if case .inside(_, .leave) = $0 { true } else { false } } || opensOverlay
                || before.scope == .ended && after.number != before.number
        case .impersonate, .extendImpersonation:
            if case .impersonation = after.overlays.last { true } else { false }
        case .endImpersonation:
            !after.isImpersonating && asks { if case .inside(_, .leave) = $0 { true } else { false } }
        case .freshToken: after.opening != nil || opensOverlay
        case .tokenCard: if case .token = after.overlays.last { true } else { false }
        case .copy where after.scope == .proof: asks { if case .terminal(.copy) = $0 { true } else { false } }
        case .edit where after.scope == .row: if case .value = after.overlays.last { true } else { false }
        case .edit, .copy, .adminMenu, .administer:
            if case .menu = after.overlays.last { true } else { false }
        case .mark: marks(after) != marks(before)
        case .export: if case .export = after.overlays.last { true } else { false }
        case .columns: if case .columns = after.overlays.last { true } else { false }
        case .auditPane: after.showsAuditPane != before.showsAuditPane
        case .auditFull: after.context?.audit.isFullScreen != before.context?.audit.isFullScreen
        case .palette: if case .palette = after.overlays.last { true } else { false }
        case .help: if case .help = after.overlays.last { true } else { false }
        case .themes: if case .themes = after.overlays.last { true } else { false }
        case .endContext, .approve, .deny, .withdraw, .removeOperator:
            if case .confirm = after.overlays.last { true } else { false }
        case .createCompany, .addOperator: if case .form = after.overlays.last { true } else { false }
        case .prove: after.scope == .proof && asks { if case .control(.prove) = $0 { true } else { false } }
        case .redraw: effects == [.terminal(.redraw)]
        case .suspend: effects == [.terminal(.suspend)]
        case .choose, .close, .yes, .nextField, .previousField, .complete, .switchFormat, .keepFilter,
            .showToken,
            .narrower, .wider, .naturalWidth:
            // They hold over screens only.
            false
        }
    }

    /// The same in what lies over a screen.
    func fitsOverScreen(_ command: Command) -> Bool {
        switch command {
        case .close: return after.keyScope != before.keyScope
        case .down, .up, .pageDown, .pageUp, .halfPageDown, .halfPageUp, .first, .last:
            if let read = before.overlays.last?.layer as? any ScrolledLayer, read.last(before) == 0 {
                return after.overlays == before.overlays
            }
            return after.overlays != before.overlays || moved != 0
        case .showToken: return asks { if case .inside(_, .showToken) = $0 { true } else { false } }
        case .yes: return asks { $0 == .terminal(.quit) }
        case .keepFilter: return after.filterTarget == nil && after.scope == before.scope
        case .narrower, .wider, .naturalWidth: return after.lists.tables != before.lists.tables
        case .nextField, .previousField, .complete, .switchFormat: return after.overlays != before.overlays
        case .choose, .copy, .filter, .sort:
            return after.overlays != before.overlays || after.keyScope != before.keyScope
                || after.lists.tables != before.lists.tables || after.notice != nil || !effects.isEmpty
        default: return false
        }
    }

    private func position(_ state: ConsoleState) -> Int {
        switch state.scope {
        case .companies: return state.companies.list.selectedIndex ?? 0
        case .users: return state.context?.users.selectedIndex ?? 0
        case .journeys: return state.context?.journeys.selectedIndex ?? 0
        case .overview: return (state.context?.screen?.screen as? OverviewScreen)?.list.top ?? 0
        case .audit: return state.context?.audit.trail.selectedIndex ?? 0
        case .user, .journey:
            return state.context?.screen?.screen.list.selectedIndex ?? 0
        case .anywhere: return 0
        case .tables, .rows, .row: return state.context?.screen?.screen.list.selectedIndex ?? 0
        default: return state.top?.screen.list.selectedIndex ?? 0
        }
    }

    /// The columns, from 1, that order the short lists; below zero for a descending one.
    private func order(_ state: ConsoleState) -> [Int] {
        func number(_ column: Int?, _ isAscending: Bool?) -> Int {
            ((column ?? -1) + 1) * (isAscending == false ? -1 : 1)
        }
        let order = state.top?.screen.list.order ?? state.context?.screen?.screen.list.order
        return [number(order?.column, order?.isAscending)]
    }

    private func shift(_ state: ConsoleState) -> Int {
        let rows = state.context?.screen?.screen as? RowsScreen
        return state.lists.shifts.values.reduce(0, +) + (rows?.shift ?? 0)
    }

    private func marks(_ state: ConsoleState) -> [Int] {
        [
            state.companies.list.marked.count, state.context?.users.marked.count ?? 0,
            state.context?.journeys.marked.count ?? 0,
            state.contexts?.marked.count ?? 0,
            (state.context?.screen?.screen as? RowsScreen)?.list.marked.count ?? 0,
        ]
    }
}
