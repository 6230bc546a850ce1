import Console
import Host
import Terminal

/// Whether what a configuration file says can be used, in the profiles that nobody uses now as well.
struct ConfigurationCheck {
    let configuration: Configuration

    /// Throws the first thing that would fail on use, with its line.
    func run() throws {
        try check(configuration.common)
        for name in configuration.profiles.keys.sorted() {
            try check(configuration.section(profile: name))
        }
    }

    private func check(_ section: Configuration.Section) throws {
        _ = try section.database?.connectionSettings()
        do {
            _ = try Keymap(
                preset: section.values[.keys]?.value.text ?? Keymap.presets[0], changes: section.keys)
        } catch {
            throw CommandError(.usage, error.what, at: error.place, remedy: error.remedy)
        }
        let theme = section.values[.theme]
        guard theme != nil || !section.colors.isEmpty else { return }
        var library = ThemeLibrary(environment: Environment.all)
        library.changes = section.colors
        try Self.check(theme?.value.text ?? Theme.standard.name, of: library, at: theme?.origin)
    }

    /// Throws what speaks against a theme that something names, or against the colours that stand over it.
    static func check(_ theme: String, of library: ThemeLibrary, at origin: Origin?) throws {
        do throws(ThemeError) {
            _ = try library.theme(named: theme)
        } catch {
            let nearest = error.nearest.map { "did you mean \"\($0)\"?" }
            guard error.code == .missing, let origin else {
                throw CommandError(
                    .usage, error.what, at: error.place,
                    remedy: nearest ?? "border = \"#44576a\", or a name of the theme's palette")
            }
            throw CommandError(
                .usage, "there is no theme \(theme)", at: origin.words,
                remedy: nearest ?? "piste theme list tells the themes")
        }
    }
}
