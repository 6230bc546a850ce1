import FoundationEssentials
import TOMLKit
import Tenancy
import Terminal

/// An adoption's map as a file that people edit.
enum AdoptionMapFile {
    static func read(_ text: String, path: String) throws -> AdoptionMap {
        let lines = TOMLText(text)
        func wrong(_ key: String, _ what: String, _ example: String) -> CommandError {
            CommandError(
                .failed, "\(key) \(what)", at: lines.line(of: key).map { "\(path):\($0)" } ?? path,
                remedy: example)
        }
        if let line = TOMLHazards.line(in: text) {
            throw CommandError(
                .failed, "a table's name is expected behind [, or a bracket closes what another opened",
                at: "\(path):\(line)", remedy: "mend the map; nothing was changed")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw CommandError(
                .failed, error.description, at: "\(path):\(error.source.begin.line)",
                remedy: "mend the map; nothing was changed")
        }
        var map = AdoptionMap()
        for key in table.keys {
            switch key {
            case "record":
                guard let truth = table[key]?.bool else {
                    throw wrong(key, "is true or false", "record = false")
                }
                map.record = truth
            case "users", "journeys":
                guard let part = table[key]?.table else {
                    throw wrong(key, "is a table", "[\(key)]\ntable = \"NAME\"")
                }
                var played: [String: String] = [:]
                for role in part.keys {
                    guard let name = part[role]?.string else {
                        throw wrong("\(key).\(role)", "is the name of a column", "\(role) = \"NAME\"")
                    }
                    played[role] = name
                }
                if key == "users" { map.users = played } else { map.journeys = played }
            case "tables":
                guard let tables = table[key]?.table else { throw wrong(key, "is a table", "[tables.NAME]") }
                for name in tables.keys {
                    map.tables[name] = try self.table(tables[name]?.table, "tables.\(name)", wrong)
                }
            default:
                throw wrong(key, "means nothing here", "record, [users], [journeys] and [tables.NAME]")
            }
        }
        return map
    }

    private static func table(
        _ written: TOMLTable?, _ place: String, _ wrong: (String, String, String) -> CommandError
    ) throws -> AdoptionMap.Table {
        guard let written else { throw wrong(place, "is a table", "[\(place)]") }
        var table = AdoptionMap.Table()
        for key in written.keys {
            switch key {
            case "hide":
                guard let truth = written[key]?.bool else {
                    throw wrong("\(place).hide", "is true or false", "hide = true")
                }
                table.hide = truth
            case "redact", "change", "statistics":
                let example = key == "redact" ? "redact = [\"password\"]" : "\(key) = [\"status\"]"
                guard let list = written[key]?.array else {
                    throw wrong("\(place).\(key)", "is a list of columns", example)
                }
                let columns = try (0..<list.count).map { index in
                    guard let name = list[index].string else {
                        throw wrong("\(place).\(key)", "is a list of columns", example)
                    }
                    return name
                }
                switch key {
                case "redact": table.redact = columns
                case "change": table.change = columns
                default: table.statistics = columns
                }
            default:
                throw wrong(
                    "\(place).\(key)", "means nothing here",
                    "redact = [\"COLUMN\"], change = [\"COLUMN\"], statistics = [\"COLUMN\"] and hide = true")
            }
        }
        return table
    }

    /// The file that is proposed, with what is to be known beside it.
    static func text(_ map: AdoptionMap, _ families: [SchemaFamily]) -> String {
        var lines = [
            "# What piste adopt makes of \(families.reduce(0) { $0 + $1.schemas.count }) schemas. Change it, and run piste adopt again with",
            "# --map. A table that is not named here gets a window, and its columns are redacted by their names.",
            "#",
            "#   redact = [\"password\"]   readers and agents never see these columns",
            "#   hide = true             the table gets no window at all",
            "#   change = [\"status\"]     whoever impersonates may change these columns, on record; nobody changes any other",
            "#   statistics = [\"status\"] with --guard all, the planner keeps samples of these columns' values, which EXPLAIN",
            "#                           shows to whoever is inside; of all others it keeps none, and plans without",
            "",
            "# true records every change of a row in the company's trail, by triggers in the application's tables.",
            "record = \(map.record)",
        ]
        for family in families where family.difference != nil {
            lines.append(
                "# \(plain(family.schemas.prefix(5).joined(separator: ", "))): \(plain(family.difference ?? ""))"
            )
        }
        for (part, played) in [("users", map.users), ("journeys", map.journeys)] where !played.isEmpty {
            lines += ["", "# The table that plays the company's \(part), and its columns."]
            lines += ["[\(part)]", "table = \((played["table"] ?? "").doubleQuoted)"]
            lines += played.filter { $0.key != "table" }.sorted { $0.key < $1.key }.map {
                "\($0.key) = \($0.value.doubleQuoted)"
            }
        }
        let looks = Dictionary(
            families.flatMap(\.tables).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for (name, look) in looks.sorted(by: { $0.key < $1.key }) {
            lines.append("")
            switch look.verdict {
            case .refused: lines.append("# \(plain(name)) gets no window: \(plain(look.words ?? ""))")
            case .taken, .changed:
                if let words = look.words { lines.append("# \(plain(words))") }
                lines.append("[tables.\(name.doubleQuoted)]")
                lines.append(
                    "redact = [\((map.tables[name]?.redact ?? []).map(\.doubleQuoted).joined(separator: ", "))]"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func plain(_ text: String) -> String { String(displaying: text) }
}
