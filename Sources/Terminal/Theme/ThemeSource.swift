import Text

/// A theme's file as it was written: names of colours are not looked up yet, so that a heir can change them.
struct ThemeSource {
    /// One role's entry.
    struct Entry {
        /// Whether it is written as one colour, without a word of what else the role looks like.
        var isColorAlone = false
        var foreground: String?
        var background: String?
        var indexed: (foreground: UInt8?, background: UInt8?) = (nil, nil)
        var ansi: (foreground: UInt8?, background: UInt8?) = (nil, nil)
        var modifiers: Style.Modifiers = []
        var mono: Style.Modifiers?
    }

    let file: String
    let text: TOMLText
    /// The table of the file in which the styles stand.
    let stylesPath: String
    var name: String?
    var inherits: String?
    var palette: [String: RGB] = [:]
    var styles: [Role: Entry] = [:]

    init(file: String, text: TOMLText, stylesPath: String = "styles") {
        self.file = file
        self.text = text
        self.stylesPath = stylesPath
    }

    /// Looks the colours up in the palettes of the theme and of those that it inherits from, nearest first.
    ///
    /// - Parameter changes: what the user has instead of single roles of whatever theme; the last one holds.
    func theme(
        after ancestors: [ThemeSource], changedBy changes: [ThemeSource] = []
    ) throws(ThemeError) -> Theme {
        var palette: [String: RGB] = [:]
        for source in ancestors.reversed() + [self] { palette.merge(source.palette) { $1 } }
        var looks: [Role: Look] = [:]
        for source in ancestors.reversed() + [self] {
            for role in Role.allCases {
                guard let entry = source.styles[role] else { continue }
                looks[role] = try source.look(role, entry, palette)
            }
        }
        for source in changes {
            for (role, entry) in source.styles {
                let old = looks[role]
                looks[role] = try source.look(role, entry, palette).keepingRest(
                    of: entry.isColorAlone ? old : nil)
            }
        }
        return Theme(name: name ?? "", looks: looks)
    }

    private func look(
        _ role: Role, _ entry: Entry, _ palette: [String: RGB]
    ) throws(ThemeError) -> Look {
        Look(
            foreground: try paint(
                entry.foreground, indexed: entry.indexed.foreground, ansi: entry.ansi.foreground, role,
                palette),
            background: try paint(
                entry.background, indexed: entry.indexed.background, ansi: entry.ansi.background, role,
                palette),
            modifiers: entry.modifiers, mono: entry.mono)
    }

    private func paint(
        _ name: String?, indexed: UInt8?, ansi: UInt8?, _ role: Role, _ palette: [String: RGB]
    ) throws(ThemeError) -> Paint? {
        guard let name else { return nil }
        if name.isEmpty || name == "default" { return Paint(nil, indexed: indexed, ansi: ansi) }
        guard let color = palette[name] ?? RGB(hex: name) else {
            throw ThemeError(
                .value, "\(role.rawValue) wants the colour \"\(name)\", which [palette] does not name",
                file: file,
                line: line(of: role.rawValue, in: "styles"), key: role.rawValue,
                nearest: Spelling.nearest(to: name, in: palette.keys + ["default"]))
        }
        return Paint(color, indexed: indexed, ansi: ansi)
    }

    /// The line, from 1, on which a key of a table is written.
    func line(of key: String, in table: String?) -> Int? {
        text.line(of: table.map { "\($0 == "styles" ? stylesPath : $0).\(key)" } ?? key)
    }
}

extension Look {
    /// This colour, and everything else as it was.
    fileprivate func keepingRest(of old: Look?) -> Look {
        guard let old else { return self }
        return Look(
            foreground: foreground ?? old.foreground, background: background ?? old.background,
            modifiers: old.modifiers, mono: old.mono)
    }
}
