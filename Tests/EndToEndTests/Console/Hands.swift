/// The hands of somebody at a console, which count the keys they press besides what they type.
struct Hands {
    let tmux: Tmux
    private(set) var keys = 0

    init(_ tmux: Tmux) { self.tmux = tmux }

    mutating func press(_ names: String...) throws {
        for name in names {
            keys += 1
            try tmux.press(name)
        }
    }

    func type(_ text: String) throws { try tmux.type(text) }
}
