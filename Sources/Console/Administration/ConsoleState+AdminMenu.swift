import Terminal

extension ConsoleState {
    /// What an admin comes for, by the keys that do it directly too: a narrow bottom line has no room for them all.
    mutating func openAdminMenu() -> [Effect] {
        let commands: [Command] = [
            .createCompany, .administer, .prove, .contexts, .requests, .operators, .migrations, .controlTrail,
        ]
        let bindings = shell.keys.bindings(in: scope)
        let items = commands.compactMap { command -> MenuState.Item? in
            guard permits(command), let binding = bindings.first(where: { $0.command == command }),
                case .character(let key) = binding.keys.first
            else { return nil }
            // Every one of them is for admins.
            let meaning = binding.meaning.string.replacing(" (admin)", with: "")
            return MenuState.Item(key: key, label: DisplayText(meaning), choice: .command(command))
        }
        shell.overlays.append(.menu(MenuState(title: "Administration", items: items)))
        return []
    }
}
