import FoundationEssentials
import Postgres

extension TenancyClient {
    /// Checks the isolation of one company, or of all (nil), in the catalogs (admin).
    ///
    /// With `structures` each company is held against a freshly built one too, and its windows are looked at one by one, which
    /// takes the longest.
    public func isolationReport(
        of urlID: String?, structures: Bool = true
    ) async throws(TenancyError) -> [IsolationCheck] {
        let report = try await checks(urlID, structures)
        guard report.contains(where: { !$0.passed && $0.evidence.contains("not checked: ") }) else {
            return report
        }
        // Something that was being looked at was dropped in that moment, or it will be told once more.
        return try await checks(urlID, structures)
    }

    private func checks(_ urlID: String?, _ structures: Bool) async throws(TenancyError) -> [IsolationCheck] {
        // Thousands of companies take their time.
        let rows = try await wire.rows(
            "SELECT * FROM piste.isolation_report($1, $2)", [Parameter(urlID), .bool(structures)],
            deadline: .seconds(3600))
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            IsolationCheck(
                id: try row.string("id"), what: try row.string("what"), passed: try row.bool("passed"),
                evidence: try row.string("evidence"))
        }
    }

    /// Holds some companies' structures against their blueprints, and looks at their windows (admin).
    func structures(of urlIDs: [String]) async throws(TenancyError) -> [StructureRun.Comparison] {
        // A url id is made of letters, digits and hyphens.
        let rows = try await wire.rows(
            "SELECT * FROM piste.companies_report(string_to_array($1, ','))",
            [.text(urlIDs.joined(separator: ","))], deadline: .seconds(3600))
        try rows.first?.throwRefusal()
        return try rows.read { row throws(PostgresError) in
            StructureRun.Comparison(
                urlID: try row.string("url_id"), difference: try row.optionalString("difference"),
                heldAgainst: try row.string("held_against"), windows: try row.int("windows"),
                windowProblems: try row.optionalString("window_problems"))
        }
    }

    /// Reads where, with what and by whom a proof is made (admin).
    public func proofFacts() async throws(TenancyError) -> ProofFacts {
        let row = try await wire.answer("SELECT * FROM piste.proof_facts()")
        return try row.read { row throws(PostgresError) in
            ProofFacts(
                database: try row.string("database"), server: try row.string("server"),
                serverNumber: try row.int("server_number"), engineVersion: try row.string("engine_version"),
                manifest: try row.optionalString("manifest"),
                files: Self.decoded([String: String].self, try row.string("files")) ?? [:],
                companies: try row.int("companies"), operators: try row.int("operators"),
                admin: try row.string("admin"), at: try row.date("at"),
                flaws: Self.decoded([ProofFacts.Flaw].self, try row.string("flaws")) ?? [],
                superusers: Self.decoded([String].self, try row.string("superusers")) ?? [],
                losses: Self.decoded([ProofFacts.Loss].self, try row.string("losses")) ?? [])
        }
    }

    /// Has the control trail keep the digest of a report (admin).
    package func recordProof(
        digest: String, scope: String, passed: Int, failed: Int
    ) async throws(TenancyError) -> ProofRecord {
        let row = try await wire.answer(
            "SELECT * FROM piste.record_proof($1, $2, $3::int, $4::int)",
            [.text(digest), .text(scope), .int(Int64(passed)), .int(Int64(failed))])
        return try row.read { row throws(PostgresError) in
            ProofRecord(seq: Int64(try row.int("seq")), hash: try row.string("hash"), at: try row.date("at"))
        }
    }

    /// A value that the engine gave as JSON; nil for any other JSON.
    static func decoded<Value: Decodable>(_ type: Value.Type, _ json: String) -> Value? {
        try? JSONDecoder().decode(type, from: Data(json.utf8))
    }
}

extension IsolationCheck {
    /// Whether the engine was installed from the files that this program carries.
    package init(installed files: [String: String]) {
        let own = EngineScript.checksums
        let other = own.filter { files[$0.key] != $0.value }.keys.sorted()
        let unknown = files.keys.filter { own[$0] == nil }.sorted()
        let passed = other.isEmpty && unknown.isEmpty
        var evidence = "\(own.count) files, each with the SHA-256 of this program's"
        if !passed {
            evidence =
                (other.map { files[$0] == nil ? "\($0) was not installed" : "\($0) is another text" }
                + unknown.map { "\($0) is unknown to this program" }).joined(separator: "; ")
                + "; piste init installs this program's"
        }
        self.init(
            id: "engine.files", what: "The engine was installed from the files that this program carries",
            passed: passed, evidence: evidence)
    }
}
