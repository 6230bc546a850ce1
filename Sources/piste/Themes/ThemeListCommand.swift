import ArgumentParser
import Host
import Listing
import Terminal

/// `piste theme list`: every theme that can be chosen, and where it comes from.
struct ThemeListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the themes, which one is in use, and where each is read from.",
        discussion: """
            Examples:
              piste theme list
            """,
    )

    @OptionGroup var form: FormatOption
    @Option(help: ArgumentHelp("A profile of the configuration file.", valueName: "name"))
    var profile: String?

    private struct Line: Sendable {
        var name: String
        var isUsed: Bool
        var file: String?
        var problem: String?
    }

    func run() throws {
        let library = ThemeLibrary(environment: Environment.all)
        let used = try Settings(profile: profile).theme
        let lines = library.names.map { name in
            var line = Line(name: name, isUsed: name == used, file: library.file(named: name))
            do throws(ThemeError) { _ = try library.theme(named: name) } catch {
                line.problem = error.description
            }
            return line
        }
        try Listing.write(
            lines, as: form.format,
            [
                Column("theme") { .text($0.name) }, Column("used") { .truth($0.isUsed) },
                Column("file") { .text($0.file ?? "built in") }, Column("problem") { Value($0.problem) },
            ])
    }
}
