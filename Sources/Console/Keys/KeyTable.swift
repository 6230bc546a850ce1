import Terminal

/// The one table of keys: what the screens, and what lies over them, declare of themselves, and what holds anywhere.
enum KeyTable {
    /// Every screen; its keys hold where it is on.
    private static var screens: [any ListedScreen.Type] {
        [
            CompaniesScreen.self, OverviewScreen.self, UsersScreen.self, JourneysScreen.self, UserScreen.self,
            JourneyScreen.self, TrailScreen.self, TablesScreen.self, RowsScreen.self, RowScreen.self,
            ContextsScreen.self, RequestsScreen.self, OperatorsScreen.self, ControlTrailScreen.self,
            MigrationsScreen.self, ProofScreen.self,
        ]
    }

    /// Everything that lies over a screen and takes the keys.
    private static var layers: [any Layer.Type] {
        [
            FilterLine.self, HelpState.self, PaletteState.self, ThemePickerState.self, ColumnsState.self,
            MenuState.self, PickState.self, RecordState.self, EvidenceState.self, FrequencyState.self,
            TokenCardState.self, WaitingState.self, ConfirmState.self, ImpersonationForm.self,
            EntryForm.self, ExportForm.self, ValueForm.self,
        ]
    }

    /// What is declared, place by place.
    private static var declared: [(scope: Scope, keys: [KeyBinding])] {
        var all: [(scope: Scope, keys: [KeyBinding])] = []
        for screen in screens { all.append((screen.scope, screen.bindings)) }
        all.append((.ended, EndedView.bindings))
        all.append((.anywhere, anywhere))
        for layer in layers { all += layer.bindings }
        return all
    }

    static let overScreens: Set<Scope> = {
        var scopes: Set<Scope> = []
        for layer in layers {
            for place in layer.bindings { scopes.insert(place.scope) }
        }
        return scopes
    }()

    /// The place of each command among those that a place declares.
    static let order: [Scope: [Command: Int]] = {
        var order: [Scope: [Command: Int]] = [:]
        for (scope, keys) in declared {
            for binding in keys {
                let count = order[scope]?.count ?? 0
                order[scope, default: [:]][binding.command] = order[scope]?[binding.command] ?? count
            }
        }
        return order
    }()

    /// Every row, those that say the same of several places as one.
    static let bindings: [KeyBinding] = {
        var table: [KeyBinding] = []
        var places: [Command: [Int]] = [:]
        for (scope, keys) in declared {
            for var binding in keys {
                if let place = places[binding.command]?.first(where: {
                    table[$0].saysTheSame(as: binding)
                }) {
                    table[place].scopes.append(scope)
                    continue
                }
                binding.scopes = [scope]
                places[binding.command, default: []].append(table.count)
                table.append(binding)
            }
        }
        return table
    }()

    private static let anywhere = [
        KeyBinding(
            .back, [.escape, .character("h"), .left, .control("g")], "back",
            "Cancel what is running, else go back", rank: 60),
        KeyBinding(
            .endImpersonation, [.character("E")], "end impersonation", "End the impersonation", rank: 5),
        KeyBinding(
            .operators, [.character("O")], "operators", "List who may work here (admin)", rank: 62),
        KeyBinding(
            .controlTrail, [.character("L")], "control trail",
            "Show what the engine recorded of itself (admin)", rank: 63),
        KeyBinding(
            .migrations, [.character("M")], "migrations",
            "Show each company's blueprint, and what failed (admin)", rank: 64),
        KeyBinding(
            .companies, [.character("0")], "companies", "List the companies; those that are open stay open",
            rank: 39),
        KeyBinding(.lastCompany, [.character("-")], "last company", "Go to the company before"),
        KeyBinding(.contexts, [.character("C")], "contexts", "List the contexts that are open", rank: 40),
        KeyBinding(
            .requests, [.character("P")], "requests", "List the requests that wait for an approval",
            rank: 41),
        KeyBinding(.palette, [.character(":")], "command", "Run a command by its name", rank: 50),
        KeyBinding(.help, [.character("?"), .function(1)], "help", "Show the keys", rank: 51),
        KeyBinding(.themes, [.character("T")], "themes", "Choose a theme", rank: 52),
        KeyBinding(.quit, [.character("q")], "quit", "Go back, or quit", rank: 61),
        KeyBinding(.redraw, [.control("l")], "redraw", "Draw the screen anew"),
        KeyBinding(.suspend, [.control("z")], "suspend", "Put Piste into the background"),
    ]
}
