import FoundationEssentials
import Text

extension ArchiveManifest {
    /// Reads a manifest that anybody may have written: nothing in it but what an export writes, each key once, and every
    /// number within what can be.
    init(reading bytes: [UInt8]) throws(ArchiveError) {
        guard let members = StrictJSON.object(bytes), members["kind"]?.text == Self.kind else {
            throw ArchiveError(.damaged, "the manifest is none of a company's archive")
        }
        guard members["format_version"] == .number(Double(Self.formatVersion)) else {
            let version = members["format_version"]?.number.map { "\($0)".prefix { $0 != "." } } ?? "none"
            throw ArchiveError(
                .unsupported,
                "the archive has format \(version); this program reads format \(Self.formatVersion)")
        }
        guard Self.holdsNothingElse(members),
            let manifest = try? JSONDecoder().decode(Self.self, from: Data(bytes))
        else { throw ArchiveError(.damaged, "the manifest cannot be read") }
        self = manifest
        try checkValues()
    }

    private static func holdsNothingElse(_ manifest: [String: StrictJSON]) -> Bool {
        func holds(_ value: StrictJSON?, _ keys: Set<String>, _ optional: Set<String> = []) -> Bool {
            guard case .object(let members)? = value else { return false }
            return keys.isSubset(of: members.keys) && keys.union(optional).isSuperset(of: members.keys)
        }
        func all(_ value: StrictJSON?, _ keys: Set<String>) -> Bool {
            guard case .array(let values)? = value else { return false }
            return values.allSatisfy { holds($0, keys) }
        }
        return holds(
            .object(manifest),
            [
                "kind", "format_version", "format", "engine_version", "blueprint_version", "company",
                "exported", "trail", "tables", "last_ids", "members",
            ])
            && holds(manifest["company"], ["id", "url_id", "name"])
            && holds(manifest["exported"], ["by", "context", "at_us"])
            && holds(manifest["trail"], ["seq", "hash"], ["begins_after"])
            && all(manifest["tables"], ["name", "columns", "rows"])
            && all(manifest["members"], ["name", "bytes", "sha256"])
    }

    /// The year 9999 has an end, and so has what a sequence may count to: ids have to follow.
    private func checkValues() throws(ArchiveError) {
        let columns = Set(tables.flatMap { table in table.columns.map { "\(table.name).\($0)" } })
        let texts = [company.urlID, company.name, exported.by, exported.context, engineVersion]
        for (isRight, what) in [
            (Checkpoint.isUUID(company.id) && company.id != ChainCheck.engine, "the company's id"),
            ((1...100_000).contains(blueprintVersion), "the version of the blueprint"),
            ((0...253_402_300_799_999_999).contains(exported.atMicroseconds), "the time of the export"),
            ((1..<Int64.max).contains(trail.seq), "the last record of the trail"),
            ((0..<max(1, trail.seq)).contains(trail.beginsAfter ?? 0), "the beginning of the trail"),
            (lastIDs.allSatisfy { columns.contains($0.key) && (0...1 << 62).contains($0.value) }, "last_ids"),
            (tables.allSatisfy { $0.rows >= 0 }, "the number of rows"),
            (texts.allSatisfy { $0.utf8.count <= 1000 }, "one of the names"),
        ] where !isRight {
            throw ArchiveError(.damaged, "\(what) in the manifest cannot be right")
        }
    }
}
