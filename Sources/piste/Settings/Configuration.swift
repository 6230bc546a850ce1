import Console
import FoundationEssentials
import Host
import TOMLKit
import Terminal
import Text

/// The user's configuration file: settings, and profiles that name databases with settings of their own.
///
/// It lies at `$XDG_CONFIG_HOME/piste/config.toml`.
struct Configuration: Sendable {
    /// What holds for every profile, or for one.
    struct Section: Sendable {
        var values: [Setting: Sourced<SettingValue>] = [:]
        var keys: [Keymap.Change] = []
        var colors = ThemeChanges()

        var database: Sourced<String>? {
            guard let found = values[.database], let text = found.value.text else { return nil }
            return Sourced(value: text, origin: found.origin)
        }
    }

    let path: String
    /// Whether there is such a file.
    let exists: Bool
    /// The profile that is meant when none is named.
    private(set) var standardProfile: Sourced<String>?
    private(set) var common = Section()
    private(set) var profiles: [String: Section] = [:]

    /// The file's content, read once a run; an absent file is an empty one.
    static func load() throws -> Configuration { try loaded.get() }

    private static let loaded = Result { try read() }

    private static func read() throws -> Configuration {
        guard let folder = Environment.directory("XDG_CONFIG_HOME", below: ".config") else {
            return Configuration(path: "config.toml")
        }
        let path = "\(folder)/piste/config.toml"
        guard FileManager.default.fileExists(atPath: path) else { return Configuration(path: path) }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandError(.usage, "the configuration file cannot be read as UTF-8", at: path)
        }
        return try Configuration(text, path: path)
    }

    init(path: String) {
        self.path = path
        exists = false
    }

    init(_ text: String, path: String) throws {
        self.path = path
        exists = true
        if let line = TOMLHazards.line(in: text) {
            throw CommandError(
                .usage, "a table's name is expected behind [, or a bracket closes what another opened",
                at: "\(path):\(line)",
                remedy: "mend the file or remove it")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw CommandError(
                .usage, error.description, at: "\(path):\(error.source.begin.line)",
                remedy: "mend the file or remove it")
        }
        let reader = ConfigurationReader(path: path, text: text)
        common = try reader.section(table, at: [], beside: ["default", "profile"])
        if let written = table["profile"] {
            let all = try reader.table(written, "profile", example: "[profile.NAME]")
            for name in all.keys {
                let place = "profile.\(name)"
                let profile = try reader.table(all[name], place, example: "[\(place)]")
                profiles[name] = try reader.section(profile, at: ["profile", name], beside: [])
            }
        }
        guard let value = table["default"] else { return }
        let named = Sourced(
            value: try reader.text(value, "default", example: "default = \"NAME\""),
            origin: reader.origin("default"))
        guard profiles[named.value] != nil else {
            throw missing(profile: named.value, at: named.origin.words)
        }
        standardProfile = named
    }

    /// What is wrong with the name of a profile that is not there.
    private func missing(profile name: String, at place: String) -> CommandError {
        let known = profiles.keys.sorted().joined(separator: ", ")
        let nearest = Spelling.nearest(to: name, in: Array(profiles.keys))
        return CommandError(
            .usage, "there is no profile named \(name); there are: \(known.isEmpty ? "none" : known)",
            at: place,
            remedy: nearest.map { "did you mean \($0)?" }
                ?? "[profile.\(name)] with database = \"postgresql://…\"")
    }

    /// The settings of a profile, over those that hold for all.
    func section(profile name: String) throws -> Section {
        guard let profile = profiles[name] else { throw missing(profile: name, at: path) }
        return Section(
            values: common.values.merging(profile.values) { $1 }, keys: common.keys + profile.keys,
            colors: common.colors.over(with: profile.colors))
    }

    /// The database of a profile.
    func database(profile name: String) throws -> Sourced<String> {
        guard let database = try section(profile: name).database else {
            throw CommandError(
                .usage, "the profile \(name) names no database", at: path,
                remedy: "database = \"postgresql://host/name\"")
        }
        return database
    }
}
