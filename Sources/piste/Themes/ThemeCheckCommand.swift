import ArgumentParser
import Host
import Listing
import Terminal

/// `piste theme check`: whether a theme can be read, and how well each role of it can be seen.
struct ThemeCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a theme: its file, and the contrast of every role.",
        discussion: """
            Text needs a contrast of 4.5 to 1 on its ground, faint text and charts 3 to 1, with every colour and with \
            256 of them. Exit status 5 when something fails.

            Examples:
              piste theme check ~/.config/piste/themes/dusk.toml
              piste theme check nord
            """,
    )

    @Argument(
        help: ArgumentHelp("The theme's file, or a theme's name.", valueName: "file"),
        completion: .file(extensions: ["toml"]))
    var file: String

    @OptionGroup var form: FormatOption

    func run() throws {
        let library = ThemeLibrary(environment: Environment.all)
        let theme: Theme
        do {
            theme = try library.theme(named: file)
        } catch {
            throw CommandError(error.code == .missing ? .failed : .broken, error.description)
        }
        let figures = theme.contrastFigures
        // Whoever wrote the file chose the name.
        let name = String(displaying: theme.name)
        try Listing.write(figures, as: form.format, Self.columns)
        let failing = figures.filter { !$0.isEnough }
        guard !failing.isEmpty else {
            Narration.say("\(name): every role has the contrast that it needs.")
            return
        }
        throw CommandError(
            .broken,
            "\(name): too little contrast of "
                + failing.map { "\($0.role) on \($0.ground)" }.joined(separator: ", "),
            at: library.file(named: file) ?? "built in")
    }

    private static let columns: [Column<ContrastFigure>] = [
        Column("role") { .text($0.role) },
        Column("on") { .text($0.ground) },
        Column("text") { Value($0.foreground.map(\.hex)) },
        Column("ground") { Value($0.background.map(\.hex)) },
        Column("contrast") { Value($0.contrast.map(Self.words)) },
        Column("contrast_256", title: "WITH 256") { Value($0.indexedContrast.map(Self.words)) },
        Column("needed", title: "NEEDS") { Value($0.needed.map(Self.words)) },
        Column("enough") { .truth($0.isEnough) },
    ]

    /// One digit after the point, cut and not rounded: 4.49 is not 4.5.
    private static func words(_ contrast: Double) -> String {
        let tenths = Int(contrast * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension ContrastFigure {
    fileprivate var role: String { style.role.rawValue }
    fileprivate var ground: String { style.ground?.rawValue ?? "bg" }
}

extension RGB {
    /// For instance `#12181f`.
    fileprivate var hex: String {
        let digits = String(value, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }
}
