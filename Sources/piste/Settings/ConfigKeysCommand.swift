import ArgumentParser
import Console
import Listing

/// `piste config keys`: every command of the console with its keys, as the configuration file names both.
struct ConfigKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "List the console's commands with their keys, as they hold now.",
        discussion: """
            A line in [keys] of the configuration file gives a command other keys: copy = ["Y", "F5"]. Keys are \
            written x, ^x, M-x, F2, space, enter, pageup and so on; an empty list takes them away.

            Examples:
              piste config keys
              piste config keys --profile prod --format json
            """,
    )

    @OptionGroup var form: FormatOption
    @Option(help: ArgumentHelp("A profile of the configuration file.", valueName: "name"))
    var profile: String?

    func run() throws {
        try Listing.write(
            try Settings(profile: profile).keys.lines, as: form.format,
            [
                Column("command") { .text($0.command) },
                Column("keys") { Value($0.keys.isEmpty ? nil : $0.keys.joined(separator: " ")) },
                Column("meaning") { .text($0.meaning) },
                Column("screens") { .text($0.screens.joined(separator: ", ")) },
            ])
    }
}
