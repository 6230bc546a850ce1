import FoundationEssentials
import Host

/// The theme that the user chose last, kept between runs in `$XDG_STATE_HOME/piste/theme`.
enum KeptTheme {
    private static var folder: String? {
        Environment.directory("XDG_STATE_HOME", below: ".local/state").map { $0 + "/piste" }
    }

    static var path: String? { folder.map { $0 + "/theme" } }

    static var name: String? {
        guard let path, let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            return nil
        }
        return text.split(separator: "\n").first.map(String.init)
    }

    /// Keeps the name; where that cannot be done, the next run begins with the standard theme.
    static func keep(_ name: String) {
        guard let folder, let path else { return }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? (name + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
}
