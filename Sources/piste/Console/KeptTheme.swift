import FoundationEssentials

/// The theme that the user chose last, kept between runs in `$XDG_STATE_HOME/piste/theme`.
enum KeptTheme {
    private static var folder: String? {
        Environment.directory("XDG_STATE_HOME", below: ".local/state").map { $0 + "/piste" }
    }

    static var name: String? {
        guard let folder, let text = try? String(contentsOfFile: folder + "/theme", encoding: .utf8) else {
            return nil
        }
        return text.split(separator: "\n").first.map(String.init)
    }

    /// Keeps the name; where that cannot be done, the next run begins with the standard theme.
    static func keep(_ name: String) {
        guard let folder else { return }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? (name + "\n").write(toFile: folder + "/theme", atomically: true, encoding: .utf8)
    }
}
