/// What came of something that a screen over the companies asked for: its type says which screen takes it, and to no other
/// can it be given.
protocol ScreenAnswer: Sendable {
    associatedtype Taker: Screen where Taker.Answer == Self
}

/// The same of what a screen of a company asked its context for.
protocol TenantScreenAnswer: Sendable {
    associatedtype Taker: TenantScreen where Taker.Answer == Self
}

extension Screen {
    /// Takes an answer that is this screen's; one of a screen that was left meanwhile finds none.
    mutating func receive(_ answer: any ScreenAnswer, _ shell: inout Shell) -> [Effect] {
        guard let own = answer as? Answer else { return [] }
        return take(own, &shell)
    }
}

extension Screen where Answer == Never {
    mutating func take(_ answer: Never, _ shell: inout Shell) -> [Effect] {
        switch answer {}
    }
}

extension TenantScreen {
    /// Takes an answer that is this screen's.
    mutating func receive(_ answer: any TenantScreenAnswer, _ shell: inout Shell) -> [TenantRequest] {
        guard let own = answer as? Answer else { return [] }
        return take(own, &shell)
    }
}
