import ArgumentParser
import Terminal

/// `piste theme import`: a theme made of the colours of another program's.
struct ThemeImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a theme of a base16, helix or alacritty theme, and tell its contrasts.",
        discussion: """
            The colours stay as they are; of those that could stand in a role the first that can be read is taken. What \
            cannot be read all the same is told, and piste theme check tells it again.

            Examples:
              piste theme import ocean.yaml
              piste theme import dracula.toml --from helix --output ~/.config/piste/themes/dracula.toml
            """,
    )

    @Argument(help: ArgumentHelp("The other program's file.", valueName: "file"), completion: .file())
    var file: String

    @Option(help: "base16, helix or alacritty; otherwise told by what is in it.")
    var from: ForeignTheme.Format?

    @Option(help: "What the theme is called; otherwise as the file.")
    var name: String?

    @Option(
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    func run() throws {
        guard let text = TextFile.read(file) else {
            throw CommandError(.usage, "there is no theme that can be read", at: file)
        }
        guard let theme = ForeignTheme(text, as: from) else {
            throw CommandError(
                .failed, "this is no theme of \(from?.rawValue ?? "base16, helix or alacritty")", at: file,
                remedy: "base16 has base00 to base0F, helix ui.background, alacritty colors.primary")
        }
        guard let draft = ThemeDraft(theme, name: try checkedName()) else {
            throw CommandError(
                .failed, "its ground or its text has no colour: a theme that inherits is imported as a whole",
                at: file)
        }
        let figures = try Self.theme(of: draft).contrastFigures.filter { !$0.isEnough }
        let sink = try DataSink(path: output)
        try sink.whole { try sink.write(Array(draft.text.utf8)) }
        guard !figures.isEmpty else {
            return Narration.say(
                "\(draft.name), from \(theme.format.rawValue): every role has the contrast that it needs.")
        }
        Narration.say(
            "\(draft.name), from \(theme.format.rawValue): too little contrast of "
                + figures.map { "\($0.style.role.rawValue) on \($0.style.ground?.rawValue ?? "bg")" }
                .joined(separator: ", "))
    }

    /// A name that can stand in a file and behind `:theme`.
    private func checkedName() throws -> String {
        let stem = file.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? ""
        let word = (name ?? stem.lowercased()).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let result = String(word.drop { $0 == "-" }.prefix(40))
        guard !result.isEmpty, name == nil || name == result else {
            throw CommandError(.usage, "a theme's name has letters, digits and hyphens", at: "--name")
        }
        return result
    }

    /// The theme as the console would read it from a file.
    private static func theme(of draft: ThemeDraft) throws -> Theme {
        do throws(ThemeError) {
            return try ThemeLibrary(folders: []).theme(of: draft.text, file: draft.name)
        } catch {
            throw CommandError(.failed, "the theme that was made of it cannot be read: \(error.what)")
        }
    }
}

extension ForeignTheme.Format: ExpressibleByArgument {}
