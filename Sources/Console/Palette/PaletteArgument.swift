/// A palette line that names a command and begins its argument, such as `company ac`.
struct PaletteArgument: Equatable, Sendable {
    enum Kind: Sendable { case company, user, impersonate, theme, tab }

    var kind: Kind
    /// What stands behind the command's name.
    var text: String

    /// Nil while the name is still being typed, and for commands without an argument.
    init?(_ typed: String) {
        let line = typed.drop { $0 == " " }
        guard let end = line.firstIndex(of: " ") else { return nil }
        switch line[..<end].lowercased() {
        case "company", "enter", "ctx": kind = .company
        case "user", "find": kind = .user
        case "impersonate": kind = .impersonate
        case "theme": kind = .theme
        case "tab": kind = .tab
        default: return nil
        }
        var rest = line[end...].drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        text = String(rest)
    }
}
