import Glibc
import LocalCluster
import Postgres

extension World {
    /// The memory of one backend that goes through up to 1,000 companies and reads two tables of each.
    ///
    /// The baseline is a superuser's backend that reads the same tables and goes through nothing of the engine; and plain
    /// tables, as far as there are schemas of them.
    func measureMemory(_ report: Report) async throws {
        let count = min(1000, companies)
        let shop = try await connect("bench_sessions")
        let same = try await connect(RunningCluster.superuser)
        let plain = try await connectPlain()
        let homes = try await owner.query(
            "SELECT schema_name FROM piste.company ORDER BY url_id LIMIT $1", [.int(Int64(count))]
        ).map { try $0.string(0) }
        for turn in 0..<count {
            let issued = try await shop.query(
                "SELECT token FROM piste.generate_context_token($1)", [.text("company-\(turn + 1)")])
            _ = try await shop.query(
                "SELECT refusal FROM piste.enter($1, 'rows.read', 'users,journeys')",
                [.text(try issued[0].string(0))])
            _ = try await shop.query(Self.page)
            _ = try await shop.query("SELECT id, name FROM journeys ORDER BY id LIMIT 50")
            try await same.run(script: "SET search_path TO \(homes[turn])")
            _ = try await same.query(Self.page)
            _ = try await same.query("SELECT id, name FROM journeys ORDER BY id LIMIT 50")
        }
        try await readPlain(plain, 0)
        let before = Self.megabytes(plain.backendPID)
        for turn in 0..<rawSchemas {
            try await readPlain(plain, turn)
            _ = try await plain.query("SELECT id, name FROM journeys ORDER BY id LIMIT 50")
        }
        if let used = Self.megabytes(shop.backendPID), let base = Self.megabytes(same.backendPID),
            let before, let after = Self.megabytes(plain.backendPID)
        {
            report.figure("memory of a backend after \(count) companies, MB", used, baseline: base)
            report.figure(
                "  a company more, KB", (used - before) * 1024 / Double(count),
                baseline: (after - before) * 1024 / Double(rawSchemas))
            report.note("baselines: a superuser reading the same tables; two plain tables in a schema")
        } else {
            report.note("memory of a backend: only root, or the server's own user, may see it")
        }
        await shop.close()
        await same.close()
        await plain.close()
    }

    /// What a process has for itself alone, shared buffers not counted.
    private static func megabytes(_ pid: Int32) -> Double? {
        guard let file = fopen("/proc/\(pid)/smaps_rollup", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("Anonymous:") else { continue }
            return text.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 }
        }
        return nil
    }
}
