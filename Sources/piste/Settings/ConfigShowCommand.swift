import ArgumentParser
import Console
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
        var lines = [
            Line(
                setting: "profile", value: settings.profile?.value,
                origin: settings.profile?.origin.words ?? "nowhere")
        ]
        for setting in Setting.allCases {
            let found = settings[setting]
            lines.append(
                Line(
                    setting: setting.rawValue, value: Self.words(found?.value, of: setting),
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

    /// The value as it may be shown: of a database who and where, never a password.
    private static func words(_ value: SettingValue?, of setting: Setting) -> String? {
        switch value {
        case .text(let text): setting == .database ? ConnectionSettings(text).displayName : text
        case .truth(let truth): truth ? "true" : "false"
        case .minutes(let minutes): String(minutes)
        case nil: nil
        }
    }
}
