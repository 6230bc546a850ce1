private import TOMLKit
import Text

extension ThemeSource {
    private static let rootKeys = ["name", "inherits", "palette", "styles"]
    private static let entryKeys = [
        "fg", "bg", "fg256", "bg256", "fg16", "bg16", "modifiers", "mono",
    ]

    /// Reads a theme's file.
    init(_ text: String, file: String) throws(ThemeError) {
        self.init(file: file, text: TOMLText(text))
        guard !text.utf8.contains(0) else { throw ThemeError(.syntax, "this is not text", file: file) }
        if let line = TOMLHazards.line(in: text) {
            throw ThemeError(
                .syntax, "a table's name is expected behind [, or a bracket closes what another opened",
                file: file, line: line)
        }
        let root: TOMLTable
        do {
            root = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ThemeError(.syntax, error.description, file: file, line: error.source.begin.line)
        } catch {
            throw ThemeError(.syntax, "this is not TOML", file: file)
        }
        for key in root.keys {
            switch key {
            case "name": name = try string(root[key], key, nil)
            case "inherits": inherits = try string(root[key], key, nil)
            case "palette": try readPalette(try table(root[key], key, nil))
            case "styles": try readStyles(try table(root[key], key, nil), prefix: "")
            default: throw unknown(key, in: nil, among: Self.rootKeys)
            }
        }
        guard name?.isEmpty == false else {
            throw ThemeError(.key, "a theme needs a name", file: file, key: "name")
        }
    }

    /// Reads one table of a file, with the styles of a theme in it and nothing else.
    init(stylesOf text: String, path keys: [String], file: String) throws(ThemeError) {
        let path = keys.joined(separator: ".")
        self.init(file: file, text: TOMLText(text), stylesPath: path)
        var table: TOMLTable?
        do {
            guard TOMLHazards.line(in: text) == nil else {
                throw ThemeError(.syntax, "this is not TOML", file: file)
            }
            table = try TOMLTable(string: text)
        } catch {
            throw ThemeError(.syntax, "this is not TOML", file: file)
        }
        for name in keys { table = table?[name]?.table }
        guard let table else {
            throw ThemeError(
                .value, "\(path) is no table", file: file, line: self.text.line(of: path), key: path)
        }
        try readStyles(table, prefix: "")
    }

    private mutating func readPalette(_ colors: TOMLTable) throws(ThemeError) {
        for key in colors.keys {
            let written = try string(colors[key], key, "palette")
            guard let color = RGB(hex: written) else {
                throw wrong("\(key) is \"\(written)\", not a colour like \"#7cc7e8\"", key, "palette")
            }
            palette[key] = color
        }
    }

    private mutating func readStyles(_ entries: TOMLTable, prefix: String) throws(ThemeError) {
        let roles = Role.allCases.map(\.rawValue)
        for key in entries.keys {
            let name = prefix + key
            let value = entries[key]
            let isGroup = roles.contains { $0.hasPrefix(name + ".") }
            guard let role = Role(rawValue: name) else {
                guard isGroup, let group = value?.table else {
                    throw unknown(name, in: "styles", among: roles)
                }
                try readStyles(group, prefix: name + ".")
                continue
            }
            // Written without quotes, `border.focus` lands inside `border`.
            var nested: [String] = []
            if isGroup, let group = value?.table {
                nested = group.keys.filter { roles.contains("\(name).\($0)") }
                for inner in nested {
                    guard let role = Role(rawValue: "\(name).\(inner)") else { continue }
                    styles[role] = try readEntry(group[inner], role, skipping: [])
                }
                if !nested.isEmpty, nested.count == group.count { continue }
            }
            styles[role] = try readEntry(value, role, skipping: nested)
        }
    }

    private func readEntry(
        _ value: (any TOMLValueConvertible)?, _ role: Role, skipping: [String]
    ) throws(ThemeError) -> Entry {
        let name = role.rawValue
        var entry = Entry()
        if let color = value?.string {
            entry.isColorAlone = true
            if role == .background { entry.background = color } else { entry.foreground = color }
            return entry
        }
        let table = try table(value, name, "styles")
        for key in table.keys where !skipping.contains(key) {
            let value = table[key]
            switch key {
            case "fg": entry.foreground = try string(value, name, "styles")
            case "bg": entry.background = try string(value, name, "styles")
            case "fg256": entry.indexed.foreground = try indexed(value, name)
            case "bg256": entry.indexed.background = try indexed(value, name)
            case "fg16": entry.ansi.foreground = try ansi(value, name)
            case "bg16": entry.ansi.background = try ansi(value, name)
            case "modifiers": entry.modifiers = try modifiers(value, name)
            case "mono": entry.mono = try modifiers(value, name)
            default:
                throw ThemeError(
                    .key, "\(name) has no \"\(key)\"", file: file,
                    line: line(of: "\(name).\(key)", in: "styles"),
                    key: key,
                    nearest: Spelling.nearest(to: key, in: Self.entryKeys))
            }
        }
        return entry
    }

    private func indexed(_ value: (any TOMLValueConvertible)?, _ key: String) throws(ThemeError) -> UInt8 {
        guard let number = value?.int, (0...255).contains(number) else {
            throw wrong("\(key) wants a number from 0 to 255 here", key, "styles")
        }
        return UInt8(number)
    }

    private func ansi(_ value: (any TOMLValueConvertible)?, _ key: String) throws(ThemeError) -> UInt8 {
        if let number = value?.int, (0...15).contains(number) { return UInt8(number) }
        let name = value?.string ?? ""
        guard let index = Palette.ansiNames.firstIndex(of: name) else {
            throw wrong(
                "\(key) wants one of the sixteen colours here, not \"\(name)\"", key, "styles",
                nearest: Spelling.nearest(to: name, in: Palette.ansiNames))
        }
        return UInt8(index)
    }

    private func modifiers(
        _ value: (any TOMLValueConvertible)?, _ key: String
    ) throws(ThemeError) -> Style.Modifiers {
        guard let list = value?.array else {
            throw wrong("\(key) wants a list of modifiers, like [\"bold\"]", key, "styles")
        }
        var result: Style.Modifiers = []
        for index in 0..<list.count {
            let name = list[index].string ?? ""
            guard let known = Style.Modifiers.named.first(where: { $0.name == name }) else {
                throw wrong(
                    "\(key) has an unknown modifier \"\(name)\"", key, "styles",
                    nearest: Spelling.nearest(to: name, in: Style.Modifiers.named.map(\.name)))
            }
            result.insert(known.modifier)
        }
        return result
    }

    private func string(
        _ value: (any TOMLValueConvertible)?, _ key: String, _ table: String?
    ) throws(ThemeError) -> String {
        guard let string = value?.string else { throw wrong("\(key) wants a text", key, table) }
        return string
    }

    private func table(
        _ value: (any TOMLValueConvertible)?, _ key: String, _ table: String?
    ) throws(ThemeError) -> TOMLTable {
        guard let found = value?.table else { throw wrong("\(key) wants a table", key, table) }
        return found
    }

    private func unknown(_ key: String, in table: String?, among valid: [String]) -> ThemeError {
        ThemeError(
            .key, "\(table.map { $0 == "styles" ? stylesPath : $0 } ?? "a theme") has no \"\(key)\"",
            file: file, line: line(of: key, in: table),
            key: key,
            nearest: Spelling.nearest(to: key, in: valid))
    }

    private func wrong(
        _ message: String, _ key: String, _ table: String?, nearest: String? = nil
    ) -> ThemeError {
        ThemeError(.value, message, file: file, line: line(of: key, in: table), key: key, nearest: nearest)
    }
}
