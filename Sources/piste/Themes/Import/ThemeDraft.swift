import Terminal

/// A theme that is made of another program's colours, each in the role that it is nearest to.
struct ThemeDraft {
    let name: String
    private let colors: [(name: String, color: RGB)]

    /// Picks a colour for each role; nil when the ground or the text is missing.
    ///
    /// Of several colours for a role the first that can be read is taken, and where none can, the one that reads best.
    init?(_ theme: ForeignTheme, name: String) {
        guard let ground = Self.ground(theme), let text = Self.text(theme) else { return nil }
        self.name = name
        func pick(_ needed: Double, on ground: RGB, _ candidates: [RGB?]) -> RGB {
            let all = candidates.compactMap { $0 } + [text]
            return all.first { $0.contrast(with: ground) >= needed }
                ?? all.max { $0.contrast(with: ground) < $1.contrast(with: ground) } ?? text
        }
        let accents = Self.accents(theme)
        let selected = Self.selected(theme) ?? accents.blue ?? text
        let alarm = accents.orange ?? accents.yellow ?? text
        let error = pick(4.5, on: ground, [accents.red])
        colors = [
            ("ground", ground), ("text", text), ("muted", pick(3, on: ground, Self.muted(theme))),
            ("border", Self.border(theme) ?? selected),
            ("accent", pick(4.5, on: ground, [accents.blue, accents.cyan])),
            ("title", pick(4.5, on: ground, [accents.violet, accents.blue])),
            ("key", pick(4.5, on: ground, [accents.cyan, accents.blue])), ("selected", selected),
            ("selection", pick(4.5, on: selected, [text, ground])),
            ("ok", pick(4.5, on: ground, [accents.green])),
            ("warn", pick(4.5, on: ground, [accents.yellow, alarm])),
            ("error", error), ("violet", pick(3, on: ground, [accents.violet])), ("alarm", alarm),
            ("ink", pick(4.5, on: alarm, [ground, text, RGB(0), RGB(0xFFFFFF)])),
            ("critical", pick(4.5, on: error, [ground, RGB(0), RGB(0xFFFFFF)])),
        ]
    }

    /// The theme's file.
    var text: String {
        var lines = ["name = \"\(name)\"", "", "[palette]"]
        lines += colors.map { name, color in
            let digits = String(color.value, radix: 16)
            return "\(name) = \"#\(String(repeating: "0", count: 6 - digits.count))\(digits)\""
        }
        lines += ["", "[styles]"] + Self.styles
        return lines.joined(separator: "\n") + "\n"
    }

    private static let styles = [
        "bg = { bg = \"ground\" }", "fg = \"text\"", "muted = \"muted\"", "border = \"border\"",
        "\"border.focus\" = \"accent\"", "title = { fg = \"title\", modifiers = [\"bold\"] }",
        "accent = \"accent\"",
        "selection = { fg = \"selection\", bg = \"selected\" }", "header = \"text\"", "key = \"key\"",
        "ok = \"ok\"",
        "warn = \"warn\"", "error = { fg = \"error\", modifiers = [\"bold\"] }", "\"countdown.ok\" = \"ok\"",
        "\"countdown.warn\" = { fg = \"warn\", modifiers = [\"bold\"] }",
        "\"countdown.critical\" = { fg = \"critical\", bg = \"error\", modifiers = [\"bold\"] }",
        "impersonation = { fg = \"ink\", bg = \"alarm\", modifiers = [\"bold\"] }",
        "\"chart.1\" = \"accent\"",
        "\"chart.2\" = \"ok\"", "\"chart.3\" = \"warn\"", "\"chart.4\" = \"violet\"",
    ]
}

extension ThemeDraft {
    private typealias Accents = (
        red: RGB?, orange: RGB?, yellow: RGB?, green: RGB?, cyan: RGB?, blue: RGB?, violet: RGB?
    )

    private static func base(_ theme: ForeignTheme, _ number: String) -> RGB? {
        theme.color("palette.base" + number, "base" + number, "colors.base" + number)
    }

    private static func ground(_ theme: ForeignTheme) -> RGB? {
        switch theme.format {
        case .base16: base(theme, "00")
        case .helix: theme.color("ui.background.bg", "ui.background")
        case .alacritty: theme.color("colors.primary.background")
        }
    }

    private static func text(_ theme: ForeignTheme) -> RGB? {
        switch theme.format {
        case .base16: base(theme, "05")
        case .helix: theme.color("ui.text.fg", "ui.text", "ui.background.fg")
        case .alacritty: theme.color("colors.primary.foreground")
        }
    }

    private static func muted(_ theme: ForeignTheme) -> [RGB?] {
        switch theme.format {
        case .base16: [base(theme, "03"), base(theme, "04")]
        case .helix: [theme.color("comment.fg", "comment"), theme.color("ui.linenr.fg", "ui.linenr")]
        case .alacritty: [theme.color("colors.bright.black"), theme.color("colors.normal.white")]
        }
    }

    private static func border(_ theme: ForeignTheme) -> RGB? {
        switch theme.format {
        case .base16: base(theme, "02")
        case .helix: theme.color("ui.window.fg", "ui.window", "ui.virtual.fg", "ui.virtual")
        case .alacritty: theme.color("colors.bright.black", "colors.normal.black")
        }
    }

    private static func selected(_ theme: ForeignTheme) -> RGB? {
        switch theme.format {
        case .base16: base(theme, "02")
        case .helix: theme.color("ui.selection.bg", "ui.selection", "ui.cursorline.bg", "ui.menu.selected.bg")
        case .alacritty: theme.color("colors.selection.background", "colors.bright.black")
        }
    }

    private static func accents(_ theme: ForeignTheme) -> Accents {
        switch theme.format {
        case .base16:
            (
                base(theme, "08"), base(theme, "09"), base(theme, "0A"), base(theme, "0B"), base(theme, "0C"),
                base(theme, "0D"), base(theme, "0E")
            )
        case .helix:
            (
                theme.color("error.fg", "error", "diff.minus.fg", "diff.minus"),
                theme.color("constant.numeric.fg", "constant.numeric", "constant.fg", "constant"),
                theme.color("warning.fg", "warning", "type.fg", "type"),
                theme.color("string.fg", "string", "diff.plus.fg", "diff.plus"),
                theme.color("info.fg", "info", "hint.fg", "hint"),
                theme.color("function.fg", "function"), theme.color("keyword.fg", "keyword")
            )
        case .alacritty:
            (
                theme.color("colors.normal.red"), nil, theme.color("colors.normal.yellow"),
                theme.color("colors.normal.green"), theme.color("colors.normal.cyan"),
                theme.color("colors.normal.blue"), theme.color("colors.normal.magenta")
            )
        }
    }
}
