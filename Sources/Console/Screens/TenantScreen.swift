import Terminal

/// A screen of a company: a value that can ask nothing of anybody but its own context.
///
/// What it asks for goes out with its company's address, and only that context's answers come to it: isolation is a type
/// here, and not a rule to be kept.
protocol TenantScreen: ListedScreen {
    /// The same screen before anything was read: what another context of the company begins with.
    var unread: Self { get }

    mutating func load(_ shell: inout Shell) -> [TenantRequest]
    mutating func search(_ shell: inout Shell) -> [TenantRequest]
    mutating func perform(_ command: Command, _ shell: inout Shell) -> [TenantRequest]
    mutating func take(_ answer: TenantAnswer, _ shell: inout Shell) -> [TenantRequest]
    /// Does what was picked from a list that it asked for.
    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest]
    /// Waits for no answer any more.
    mutating func forgetReads()
}

extension TenantScreen {
    mutating func search(_ shell: inout Shell) -> [TenantRequest] { [] }
    mutating func pick(_ purpose: PickState.Purpose, _ index: Int, _ shell: inout Shell) -> [TenantRequest] {
        []
    }
}

/// Any screen of a company.
struct AnyTenantScreen: Equatable, Sendable {
    var screen: any TenantScreen

    init(_ screen: any TenantScreen) { self.screen = screen }

    static func == (one: AnyTenantScreen, other: AnyTenantScreen) -> Bool { one.screen.equals(other.screen) }
}

extension ContextState {
    /// The screen that is a value, where one is on; the others are still the company's own.
    var screen: AnyTenantScreen? {
        get {
            guard ended == nil, !audit.isFullScreen else { return nil }
            switch path.last {
            case .screen(let screen): return screen
            case .user, .journey: return nil
            case nil: return tab == .tables ? AnyTenantScreen(tables) : nil
            }
        }
        set {
            guard let newValue else { return }
            if case .screen = path.last {
                path[path.count - 1] = .screen(newValue)
            } else if let read = newValue.screen as? TablesScreen {
                tables = read
            }
        }
    }
}

extension ConsoleState {
    /// Does something with the company's screen that asks for nothing.
    mutating func onScreenOfCompany(_ body: (inout any TenantScreen) -> Void) {
        guard var any = company?.context.screen else { return }
        body(&any.screen)
        company?.context.screen = any
    }
}

extension OpenCompany {
    /// Lets the screen that is on do something, and addresses what it asks for to its own context.
    mutating func onScreen(
        _ shell: inout Shell, _ body: (inout any TenantScreen, inout Shell) -> [TenantRequest]
    ) -> [Effect] {
        guard var screen = context.screen?.screen, !context.isInterrupted else { return [] }
        let requests = body(&screen, &shell)
        context.screen = AnyTenantScreen(screen)
        return requests.map { .inside(context.id, $0) }
    }

    /// Hands an answer to every screen that is stacked up: the one that waits for it knows it by its number.
    mutating func hand(_ answer: TenantAnswer, _ shell: inout Shell) -> [Effect] {
        var requests = context.tables.take(answer, &shell)
        for (index, place) in context.path.enumerated() {
            guard case .screen(var any) = place else { continue }
            requests += any.screen.take(answer, &shell)
            context.path[index] = .screen(any)
        }
        return requests.map { .inside(context.id, $0) }
    }
}
