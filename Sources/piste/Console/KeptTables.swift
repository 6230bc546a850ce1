import Console
import FoundationEssentials
import Host

/// How the lists were shown last, kept between runs in `$XDG_STATE_HOME/piste/tables.json`: columns, widths and orders, never
/// a row.
enum KeptTables {
    /// More than every column of every list comes to.
    private static let longest = 65_536

    private static var folder: String? {
        Environment.directory("XDG_STATE_HOME", below: ".local/state").map { $0 + "/piste" }
    }

    /// What was kept; a file that is damaged, or not one of these, counts for nothing.
    static var tables: TablesKept {
        guard let folder, let data = FileManager.default.contents(atPath: folder + "/tables.json"),
            data.count <= longest
        else { return TablesKept() }
        return (try? JSONDecoder().decode(TablesKept.self, from: data)) ?? TablesKept()
    }

    /// Keeps them; where that cannot be done, the next run begins with the lists as they come.
    static func keep(_ tables: TablesKept) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let folder, let data = try? encoder.encode(tables) else { return }
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? data.write(to: URL(filePath: folder + "/tables.json"), options: .atomic)
    }
}
