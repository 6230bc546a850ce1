import Console
import Host
import Terminal

/// The settings as they hold for one run, each with where it comes from: flags over the environment over the file.
struct Settings: Sendable {
    /// The configuration file, whether it is there or not.
    let file: (path: String, exists: Bool)
    let profile: Sourced<String>?
    private var values: [Setting: Sourced<SettingValue>] = [:]
    /// The colours that stand over those of whatever theme.
    let colors: ThemeChanges
    private let keyChanges: [Keymap.Change]
    /// The keys, which stand in conflict with nothing.
    let keys: Keymap

    /// The settings of a command that takes these options.
    init(_ database: DatabaseOptions, _ display: DisplayOptions) throws {
        try self.init(url: database.database, profile: database.profile, given: display.given)
    }

    /// - Parameters:
    ///   - url: the database that a flag names; then no profile counts.
    ///   - profile: the profile that a flag names.
    ///   - isProfiled: false for a database that is no profile's.
    ///   - given: what flags set.
    ///   - idleLock: the minutes of the idle lock where nobody sets any.
    init(
        url: String? = nil, profile name: String? = nil, isProfiled: Bool = true,
        given: [Setting: SettingValue] = [:], idleLock: Int = 0
    ) throws {
        let configuration = try Configuration.load()
        file = (configuration.path, configuration.exists)
        let profile = isProfiled && url == nil ? Self.profile(name, configuration) : nil
        self.profile = profile
        let section =
            try profile.map { try configuration.section(profile: $0.value) } ?? configuration.common
        values = [
            .theme: Sourced(value: .text(Theme.standard.name), origin: .standard),
            .color: Sourced(value: .text(ColorMode.auto.rawValue), origin: .standard),
            .readOnly: Sourced(value: .truth(false), origin: .standard),
            .idleLock: Sourced(value: .minutes(idleLock), origin: .standard),
            .mouse: Sourced(value: .truth(false), origin: .standard),
            .ascii: Sourced(value: .truth(false), origin: .standard),
            .keys: Sourced(value: .text(Keymap.presets[0]), origin: .standard),
            .logLevel: Sourced(value: .text("info"), origin: .standard),
        ]
        if let path = Log.standardPath { values[.logFile] = Sourced(value: .text(path), origin: .standard) }
        if let kept = KeptTheme.name {
            values[.theme] = Sourced(value: .text(kept), origin: .file(KeptTheme.path ?? "the last choice"))
        }
        values.merge(section.values) { $1 }
        if Environment.value("NO_COLOR") != nil {
            values[.color] = Sourced(value: .text(ColorMode.mono.rawValue), origin: .variable("NO_COLOR"))
        }
        for setting in Setting.allCases {
            guard setting != .database, let text = Environment.value(setting.variable) else { continue }
            guard let value = SettingValue(text, for: setting) else {
                throw CommandError(
                    .usage, "\(setting.variable) cannot be \"\(text)\"", remedy: setting.example)
            }
            values[setting] = Sourced(value: value, origin: .variable(setting.variable))
        }
        for (setting, value) in given {
            values[setting] = Sourced(value: value, origin: .flag(setting.flag ?? ""))
        }
        if case .named(let database)? = try? DatabaseChoice.find(url: url, profile: name) {
            values[.database] = Sourced(value: .text(database.value), origin: database.origin)
        }
        colors = section.colors
        keyChanges = section.keys
        do {
            keys = try Keymap(
                preset: values[.keys]?.value.text ?? Keymap.presets[0], changes: section.keys)
        } catch {
            throw CommandError(.usage, error.what, at: error.place, remedy: error.remedy)
        }
    }

    /// The profile that is in use, unless a database is named outright.
    private static func profile(_ named: String?, _ configuration: Configuration) -> Sourced<String>? {
        if let name = named { return Sourced(value: name, origin: .flag("--profile")) }
        if let name = Environment.value("PISTE_PROFILE") {
            return Sourced(value: name, origin: .variable("PISTE_PROFILE"))
        }
        return Environment.value("PISTE_DATABASE_URL") == nil ? configuration.standardProfile : nil
    }

    subscript(setting: Setting) -> Sourced<SettingValue>? { values[setting] }

    var theme: String { values[.theme]?.value.text ?? Theme.standard.name }
    /// The theme that somebody chose or changed; nil leaves the compiled-in one, for which no file is read.
    var chosenTheme: String? {
        values[.theme].flatMap { $0.origin == .standard && colors.isEmpty ? nil : $0.value.text }
    }

    /// The themes as they look with the user's own colours.
    var themes: ThemeLibrary {
        var library = ThemeLibrary(environment: Environment.all)
        library.changes = colors
        return library
    }

    var isReadOnly: Bool { values[.readOnly]?.value.truth == true }

    /// Refuses what changes something where piste is set to read-only.
    func requireChangesAllowed(remedy: String) throws {
        guard isReadOnly else { return }
        throw CommandError(
            .refused, "piste is set to read-only here, and this may change something",
            at: values[.readOnly]?.origin.words, remedy: remedy)
    }

    var hasMouse: Bool { values[.mouse]?.value.truth == true }
    var isASCII: Bool { values[.ascii]?.value.truth == true }

    /// Shows times in the zone that was chosen; in the machine's own where none was.
    func useTimezone() {
        if let name = values[.timezone]?.value.text { Timezone.use(name) }
    }

    /// The minutes of the idle lock; nil when it is off.
    var idleLock: Int? { values[.idleLock]?.value.minutes.flatMap { $0 > 0 ? $0 : nil } }

    /// The colours that the user wishes for; nil leaves it to the terminal.
    var color: ColorDepth? {
        ColorDepth.wish(option: values[.color]?.value.text, environment: Environment.all)
    }

    /// The commands whose keys the file changes, as it writes them last.
    var changedKeys: [Keymap.Change] {
        keyChanges.enumerated().filter { place, change in
            !keyChanges.dropFirst(place + 1).contains { $0.command == change.command }
        }.map(\.element)
    }
}
