import ArgumentParser
import Console
import Listing
import Postgres
import Terminal

/// `piste config show`: every setting, its value, and the flag, the variable or the line that says so.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show every setting with its value and where the value comes from.",
        discussion: """
            Flags win over the environment (PISTE_THEME, PISTE_READ_ONLY, …), which wins over the profile in the \
            configuration file, which wins over what stands outside of any profile in it. The database of a profile that \
            --profile names is the profile's, whatever the environment says.

            Examples:
              piste config show
              piste config show --profile prod --format json
            """,
    )

    @Option(name: .customLong("format"), help: "table, json, csv or plain.")
    var chosen: ListingFormat?

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    private struct Line: Sendable {
        var setting: String
        var value: String?
        var origin: String
    }

    func run() throws {
        let settings = try Settings(database, display)
        try ConfigurationCheck(configuration: .load()).run()
        if let theme = settings[.theme], theme.origin.isOfThisRun {
            try ConfigurationCheck.check(settings.theme, of: settings.themes, at: theme.origin)
        }
        var lines = [
            Line(
                setting: "profile", value: settings.profile?.value,
                origin: settings.profile?.origin.words ?? "nowhere")
        ]
        lines.append(try databaseLine())
        for setting in Setting.allCases where setting != .database {
            let found = settings[setting]
            lines.append(
                Line(
                    setting: setting.rawValue, value: found?.value.words,
                    origin: found?.origin.words ?? "nowhere"))
        }
        for change in settings.changedKeys {
            lines.append(
                Line(
                    setting: "keys.\(change.command)", value: change.keys.joined(separator: " "),
                    origin: change.place))
        }
        for color in settings.colors.lines {
            let place = color.line.map { "\(settings.file.path):\($0)" } ?? settings.file.path
            lines.append(Line(setting: "colors.\(color.role)", value: color.colors, origin: place))
        }
        Narration.say(
            "The configuration file is \(String(displaying: settings.file.path))"
                + (settings.file.exists ? "." : "; there is none yet."))
        try Listing.write(
            lines, as: display.format(chosen),
            [
                Column("setting") { .text($0.setting) }, Column("value") { Value($0.value) },
                Column("from") { .text($0.origin) },
            ])
    }

    /// The database that every other command would take: who and where, never a password.
    private func databaseLine() throws -> Line {
        func line(_ settings: ConnectionSettings?, _ origin: String) -> Line {
            Line(
                setting: Setting.database.rawValue, value: settings?.with(user: database.login).displayName,
                origin: origin)
        }
        switch try DatabaseChoice.find(url: database.database, profile: database.profile) {
        case .named(let named): return line(try named.connectionSettings(), named.origin.words)
        case .libpq(let variable): return line(ConnectionSettings(), variable)
        case .local: return line(nil, "nowhere: it is the private local PostgreSQL")
        }
    }
}

extension Origin {
    /// Whether a flag or a variable says it, and no file.
    fileprivate var isOfThisRun: Bool {
        switch self {
        case .flag, .variable: true
        case .file, .standard: false
        }
    }
}

extension SettingValue {
    fileprivate var words: String {
        switch self {
        case .text(let text): text
        case .truth(let truth): truth ? "true" : "false"
        case .minutes(let minutes): String(minutes)
        }
    }
}
