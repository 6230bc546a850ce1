import Tenancy
import Terminal

extension ConsoleState {
    /// Gives a key to the overlay on top.
    mutating func takeOverlay(_ key: Key) -> [Effect] {
        onOverlay { layer, console in
            if type(of: layer).isForReading, console.offers(.endImpersonation),
                console.shell.keys.command(for: key, in: console.scope) == .endImpersonation
            {
                return .closes(console.endImpersonation())
            }
            guard !layer.claims(key), let command = console.shell.keys.command(for: key, in: layer.scope)
            else { return layer.take(key, in: &console) }
            return layer.perform(command, in: &console)
        }
    }

    /// Does with the overlay on top what one of its keys does.
    mutating func performOnOverlay(_ command: Command) -> [Effect] {
        onOverlay { layer, console in layer.perform(command, in: &console) }
    }

    /// Takes the overlay on top away for as long as it does something; what it opens meanwhile lies over it.
    private mutating func onOverlay(
        _ body: (inout any OverlayLayer, inout ConsoleState) -> LayerOutcome
    ) -> [Effect] {
        guard var layer = shell.overlays.popLast()?.layer else { return [] }
        let place = shell.overlays.count
        switch body(&layer, &self) {
        case .closes(let effects): return effects
        case .stays(let effects):
            shell.overlays.insert(layer.overlay, at: min(place, shell.overlays.count))
            return effects
        }
    }

    /// Gives a paste to the overlay on top.
    mutating func pasteIntoOverlay(_ text: String) -> [Effect] {
        onOverlay { layer, console in .stays(layer.paste(text, in: &console)) }
    }

    /// Closes the overlays that show rows of a tenant or would change some.
    ///
    /// A form that asks for more time survives the end of what it goes on with: its reason is half written.
    mutating func closeTenantOverlays(keepingExtension: Bool = false) {
        shell.overlays.removeAll { overlay in
            if keepingExtension, case .impersonation(let form) = overlay, form.before != nil { return false }
            return type(of: overlay.layer).isOfContext
        }
    }

    // MARK: Hints

    /// The keys of the overlay on top, or of the filter line that is typed in; nil where a screen has the keys.
    var hintsOverScreen: [BottomLine.Hint]? {
        if let layer = shell.overlays.last?.layer {
            return hints(in: layer.scope) { binding in
                layer.offers(binding.command, self)
                    ? layer.words(for: binding.command, self) ?? binding.label : nil
            }
        }
        guard let target = filterTarget else { return nil }
        return hints(in: .filterLine) { binding in
            switch binding.command {
            case .choose where opens(target): "open"
            case .keepFilter: opens(target) ? binding.label : nil
            default: binding.label
            }
        }
    }

    private func hints(in scope: Scope, _ words: (KeyBinding) -> DisplayText?) -> [BottomLine.Hint] {
        shell.keys.bindings(in: scope).filter { $0.rank != nil }.sorted { $0.rank ?? 0 < $1.rank ?? 0 }
            .compactMap { binding in
                guard let key = binding.keys.first, let words = words(binding) else { return nil }
                return (hintKeys(key, of: binding.command, in: scope), words)
            }
    }

    /// A key, with the one that does the contrary.
    private func hintKeys(_ key: Key, of command: Command, in scope: Scope) -> DisplayText {
        guard let contrary = command.contrary,
            let other = shell.keys.bindings(in: scope).first(where: { $0.command == contrary })?.keys.first
        else { return key.label }
        let isLetter = if case .character = key { true } else { false }
        return other.label + (isLetter ? " " : "") + key.label
    }
}

extension Command {
    /// The command that takes back what this one does, where one hint stands for both.
    fileprivate var contrary: Command? {
        switch self {
        case .down: .up
        case .wider: .narrower
        default: nil
        }
    }
}
