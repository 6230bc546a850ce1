import Console
import TOMLKit
import Terminal
import Text

/// Reads sections of the configuration file; whatever is not right in one is named with its line.
struct ConfigurationReader {
    /// The table of colours that stand over the theme's.
    private static let colors = "colors"

    let path: String
    private let text: String
    private let lines: TOMLText

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = TOMLText(text)
    }

    func origin(_ key: String) -> Origin { .file(place(key)) }

    func place(_ key: String) -> String { lines.line(of: key).map { "\(path):\($0)" } ?? path }

    /// The settings of the table that these keys lead to, which may hold the keys `beside` them too.
    func section(
        _ table: TOMLTable, at path: [String], beside others: [String]
    ) throws -> Configuration.Section {
        let prefix = path.joined(separator: ".")
        var section = Configuration.Section()
        for key in table.keys where !others.contains(key) {
            let full = prefix.isEmpty ? key : "\(prefix).\(key)"
            if key == Self.colors {
                section.colors = try colors(at: path + [key])
                continue
            }
            guard let setting = Setting(rawValue: key) else {
                let known = Setting.allCases.map(\.rawValue) + [Self.colors] + others
                let nearest = Spelling.nearest(to: key, in: known)
                throw CommandError(
                    .usage, "\(prefix.isEmpty ? "the configuration" : prefix) has no \"\(key)\"",
                    at: place(full), remedy: nearest.map { "did you mean \"\($0)\"?" })
            }
            if setting == .keys, let keys = table[key]?.table {
                try read(keys, at: full, into: &section)
                continue
            }
            guard let value = value(table[key]), value.fits(setting) else {
                throw CommandError(
                    .usage, "\(full) cannot be that", at: place(full), remedy: setting.example)
            }
            section.values[setting] = Sourced(value: value, origin: origin(full))
        }
        return section
    }

    private func colors(at place: [String]) throws -> ThemeChanges {
        do throws(ThemeError) {
            return try ThemeChanges(text, path: place, file: path)
        } catch {
            throw CommandError(
                .usage, error.what, at: error.place,
                remedy: error.nearest.map { "did you mean \"\($0)\"?" } ?? "border = \"#44576a\"")
        }
    }

    /// Reads `[keys]`: a preset by name, and keys for commands.
    private func read(
        _ keys: TOMLTable, at prefix: String, into section: inout Configuration.Section
    ) throws {
        for name in keys.keys {
            let full = "\(prefix).\(name)"
            if name == "preset" {
                let preset = SettingValue.text(try text(keys[name], full, example: Setting.keys.example))
                guard preset.fits(.keys) else {
                    throw CommandError(
                        .usage, "\(full) is no table of keys", at: place(full),
                        remedy: Setting.keys.example)
                }
                section.values[.keys] = Sourced(value: preset, origin: origin(full))
                continue
            }
            let example = "\(name) = \"x\" or \(name) = [\"x\", \"^x\"]"
            var written: [String] = []
            if let list = keys[name]?.array {
                for index in 0..<list.count { written.append(try text(list[index], full, example: example)) }
            } else {
                written = [try text(keys[name], full, example: example)]
            }
            section.keys.append(Keymap.Change(command: name, keys: written, place: place(full)))
        }
    }

    private func value(_ written: (any TOMLValueConvertible)?) -> SettingValue? {
        if let text = written?.string { return .text(text) }
        if let truth = written?.bool { return .truth(truth) }
        if let number = written?.int { return .minutes(number) }
        return nil
    }

    func text(_ written: (any TOMLValueConvertible)?, _ key: String, example: String) throws -> String {
        guard let text = written?.string else {
            throw CommandError(.usage, "\(key) is no text", at: place(key), remedy: example)
        }
        return text
    }

    func table(
        _ written: (any TOMLValueConvertible)?, _ key: String, example: String
    ) throws -> TOMLTable {
        guard let table = written?.table else {
            throw CommandError(.usage, "\(key) is no table", at: place(key), remedy: example)
        }
        return table
    }
}
