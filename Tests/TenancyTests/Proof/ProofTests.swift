import Postgres
import Synchronization
import Tenancy
import TestSupport
import Testing

/// A whole proof by the library: many companies are compared by several sessions, and one that differs is named.
struct ProofTests {
    /// What fails, but for a stopwatch: a machine that is busy sweeps so many companies for seconds, and nobody holds it up.
    ///
    /// BystanderProofTests are about those who do.
    private func judged(_ report: ProofReport) -> [ProofReport.Line] {
        report.failures.filter { !$0.evidence.hasPrefix("somebody was held up: a sweep took") }
    }

    @Test func manyCompaniesAreComparedSideBySide() async throws {
        try await ProofWorld.run { world in
            try await world.owner.query(
                """
                SELECT c.refusal FROM generate_series(1, 110) AS n,
                    LATERAL piste.create_company('Company ' || n, 'company-' || n, 'okta') AS c
                """)
            let steps = Mutex<[String: Int]>([:])
            let stage = Mutex("")
            let settings = world.database.settings(user: world.bob)
            let (report, record) = try await Proof(settings, of: nil).make { told in
                switch told {
                case .catalog: stage.withLock { $0 = "catalog" }
                case .structures: stage.withLock { $0 = "structures" }
                case .probes: stage.withLock { $0 = "probes" }
                case .chains: stage.withLock { $0 = "chains" }
                case .step(let count):
                    let name = stage.withLock { $0 }
                    steps.withLock { $0[name, default: 0] += count }
                }
            }
            #expect(judged(report).isEmpty)
            let compared = report.checks.filter { $0.id == "company.structure" }
            #expect(compared.count == 1)
            #expect(
                compared.first?.evidence
                    == "112 companies, object by object as if freshly built by blueprint 1"
            )
            #expect(
                steps.withLock { $0 } == ["structures": 112, "probes": ProbeRun.count, "chains": 113])
            #expect(report.chains.count == 113)
            #expect(
                try await world.owner.value(
                    "SELECT detail ->> 'sha256' FROM piste_test.trail('piste') WHERE seq = \(record.seq)")
                    == report.digest)

            let home = try await world.owner.value("SELECT schema_name FROM piste.company('company-77')")
            try await world.owner.query("ALTER TABLE \(home).users ADD COLUMN extra integer")
            let (broken, _) = try await Proof(settings, of: nil).make()
            #expect(
                judged(broken).map(\.id) == ["gate.windows", "company.statistics", "company.structure"])
            #expect(
                judged(broken).last?.evidence == "company-77: column \(home).users.extra is one too many")
        }
    }

    /// A server keeps so many locks: those of ten thousand companies' tables are more.
    @Test func lookingAtWindowsHoldsNoTable() async throws {
        try await ProofWorld.run { world in
            let held = """
                SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                JOIN pg_namespace n ON n.oid = c.relnamespace JOIN piste.company k ON k.schema_name = n.nspname
                WHERE l.pid = pg_backend_pid()
                """
            try await world.owner.query("BEGIN")
            try await world.owner.query("SELECT * FROM piste.window_problems(NULL)")
            try await world.owner.query("SELECT piste.mend_windows()")
            #expect(try await world.owner.number(held) == 0)
            try await world.owner.query(
                "SELECT pg_get_viewdef(format('%I.users', k.window_name)::regclass) FROM piste.company k")
            #expect(try await world.owner.number(held) > 0)
            try await world.owner.query("ROLLBACK")
        }
    }

    @Test func onlySomeCompaniesAreAskedAboutAtATime() async throws {
        try await ProofWorld.run { world in
            let bob = try await world.connect(world.bob)
            let call = "SELECT url_id FROM piste.companies_report($1::text[])"
            #expect(
                try await bob.query(call, ["{globex,nobody,acme}"]).map { try $0.string(0) } == [
                    "globex", "acme",
                ])
            for list in ["{}", "{NULL}", "{acme,NULL}"] {
                #expect(await bob.sqlState(call, [.text(list)]) == "PT400", "\(list)")
            }
            #expect(await bob.sqlState("SELECT piste.companies_report(NULL)") == "PT400")
            let alice = try await world.connect(world.alice)
            #expect(try await alice.refusal("companies_report(ARRAY['acme'])") == "not_allowed")
            await alice.close()
            await bob.close()
        }
    }
}
