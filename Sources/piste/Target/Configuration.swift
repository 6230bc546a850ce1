import FoundationEssentials
import Postgres
import TOMLKit

/// The user's configuration file: profiles that name databases, and which of them is meant when none is named.
///
/// It lies at `$XDG_CONFIG_HOME/piste/config.toml`.
struct Configuration {
    var path: String
    var table: TOMLTable?

    /// The file's content; an absent file is an empty one.
    static func load() throws -> Configuration {
        guard let folder = Environment.directory("XDG_CONFIG_HOME", below: ".config") else {
            return Configuration(path: "config.toml")
        }
        let path = "\(folder)/piste/config.toml"
        guard FileManager.default.fileExists(atPath: path) else { return Configuration(path: path) }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return Configuration(path: path, table: try TOMLTable(string: text))
        } catch let error as TOMLParseError {
            throw CommandError(.usage, error.description, at: path, remedy: "mend the file or remove it")
        } catch {
            throw CommandError(.usage, "the configuration file cannot be read", at: path)
        }
    }

    /// The profile that is meant when none is named.
    var standardProfile: String? {
        get throws {
            guard let value = table?["default"] else { return nil }
            guard let name = value.string else {
                throw CommandError(.usage, "default is no text", at: path, remedy: "default = \"name\"")
            }
            return name
        }
    }

    /// The database of a profile.
    func target(profile name: String) throws -> Target {
        let profiles = table?["profile"]?.table
        guard let profile = profiles?[name]?.table else {
            let known = profiles?.keys.sorted().joined(separator: ", ") ?? "none"
            throw CommandError(
                .usage, "there is no profile named \(name); there are: \(known)", at: path,
                remedy: "[profile.\(name)] with database = \"postgresql://…\"")
        }
        guard let url = profile["database"]?.string else {
            throw CommandError(
                .usage, "the profile \(name) names no database", at: path,
                remedy: "database = \"postgresql://host/name\"")
        }
        let settings = ConnectionSettings(url)
        do {
            try settings.validate()
        } catch {
            throw CommandError(.usage, error.message, at: "\(path), profile \(name)")
        }
        return Target(settings: settings, theme: profile["theme"]?.string)
    }
}
