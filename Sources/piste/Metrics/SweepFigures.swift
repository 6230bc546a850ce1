import FoundationEssentials
import Synchronization
import Tenancy

/// What a sweeping process counts of its own work, and what it last heard from the engine.
///
/// A scrape asks no database: it tells what the last look found, so that a scraper, however eager, costs the server nothing.
final class SweepFigures: Sendable {
    private struct State {
        var sweeps = 0
        var failures = 0
        var actions: [String: Int] = [:]
        var sweptAt: Double?
        var engine: [Metric] = []
        var engineVersion: String?
        var lookedAt: Double?
        var declarations: (count: Double, at: Double)?
        var declarationsPerSecond = 0.0
        var headAges: [Double] = []
        var headsAt: Double?
        var isConnected = false
    }

    private let state = Mutex(State())

    func swept(_ actions: [SweepAction]) {
        state.withLock { state in
            state.sweeps += 1
            state.sweptAt = Self.now
            for action in actions { state.actions[action.kind, default: 0] += 1 }
        }
    }

    func failed() { state.withLock { $0.failures += 1 } }

    func connected(_ isConnected: Bool) { state.withLock { $0.isConnected = isConnected } }

    func looked(_ metrics: [Metric], version: String) {
        state.withLock { state in
            let now = Self.now
            state.engine = metrics
            state.engineVersion = version
            state.lookedAt = now
            guard let count = metrics.first(where: { $0.name == "declarations" })?.value else { return }
            if let before = state.declarations, now > before.at, count >= before.count {
                state.declarationsPerSecond = (count - before.count) / (now - before.at)
            }
            state.declarations = (count, now)
        }
    }

    func sawHeads(_ ages: [Double]) {
        state.withLock { state in
            state.headAges = ages.sorted()
            state.headsAt = Self.now
        }
    }

    /// Everything in Prometheus' text format.
    var text: String {
        let state = state.withLock { $0 }
        var page = MetricsPage()
        page.gauge("piste_up", "Whether the database is connected.", state.isConnected ? 1 : 0)
        page.gauge(
            "piste_info", "The program's and the engine's version.", 1,
            labels: [("program", Piste.version), ("engine", state.engineVersion ?? "unknown")])
        page.counter("piste_sweeps_total", "Sweeps of this process.", Double(state.sweeps))
        page.counter(
            "piste_sweep_failures_total", "Sweeps of this process that failed.", Double(state.failures))
        page.family("piste_sweep_actions_total", "What the sweeps had to do, by kind.", "counter")
        for (kind, count) in state.actions.sorted(by: { $0.key < $1.key }) {
            page.sample("piste_sweep_actions_total", Double(count), labels: [("kind", kind)])
        }
        if let at = state.sweptAt {
            page.gauge("piste_last_sweep_timestamp_seconds", "When the last sweep succeeded.", at)
        }
        guard let lookedAt = state.lookedAt else { return page.text }
        page.gauge("piste_last_look_timestamp_seconds", "When the engine's figures were read.", lookedAt)
        func engine(
            _ name: String, _ family: String, _ help: String, _ type: String, labels: String...
        ) {
            page.family(family, help, type)
            for metric in state.engine where metric.name == name {
                // Where there are several labels, the engine tells them as words.
                let values = labels.isEmpty ? [] : metric.label?.split(separator: " ").map(String.init) ?? []
                page.sample(family, metric.value, labels: Array(zip(labels, values)))
            }
        }
        engine(
            "contexts_live", "piste_contexts_live", "Open, unexpired contexts.", "gauge", labels: "purpose")
        engine(
            "contexts_overdue", "piste_contexts_overdue", "Contexts that are over and wait for a sweep.",
            "gauge")
        engine("companies", "piste_companies", "Companies.", "gauge", labels: "status")
        engine(
            "requests_pending", "piste_requests_pending", "Impersonations that wait for an approval.", "gauge"
        )
        engine(
            "refusals", "piste_refusals_total", "Refusals, by kind; may jump by 32 when the server crashed.",
            "counter",
            labels: "kind")
        engine(
            "declarations", "piste_declarations_total",
            "Declared reads; may jump by 32 when the server crashed.",
            "counter")
        page.gauge(
            "piste_declarations_per_second", "Declared reads a second between the last two looks.",
            state.declarationsPerSecond)
        engine(
            "tickets", "piste_tickets_total",
            "Tickets that were made; may jump by 32 when the server crashed.",
            "counter")
        engine(
            "tickets_last_minute", "piste_tickets_last_minute",
            "Tickets of the last minute, by the number of the service's login and the company's id; the busiest 100.",
            "gauge", labels: "service", "company")
        engine(
            "jobs", "piste_jobs",
            "Jobs in the outboxes of all companies: nobody is at them, somebody is, or their company is suspended.",
            "gauge", labels: "state")
        engine(
            "jobs_oldest_age", "piste_jobs_oldest_age_seconds",
            "For how long the oldest job of an active company waits; 0 when none does.", "gauge")
        engine(
            "outbox_fullest", "piste_outbox_fullest_ratio",
            "How full the fullest outbox is; at 1 its company's changes fail.", "gauge")
        engine(
            "control_head_age", "piste_control_head_age_seconds",
            "The age of the newest record of the control trail.",
            "gauge")
        if let headsAt = state.headsAt {
            let ages = state.headAges
            page.gauge(
                "piste_chain_heads", "Companies' audit chains that were looked at.", Double(ages.count))
            page.gauge("piste_chain_heads_timestamp_seconds", "When they were looked at.", headsAt)
            page.family(
                "piste_chain_head_age_seconds",
                "The age of the newest record of the companies' audit chains.", "gauge")
            if let newest = ages.first, let oldest = ages.last {
                for (which, age) in [
                    ("newest", newest), ("median", ages[ages.count / 2]), ("oldest", oldest),
                ] {
                    page.sample("piste_chain_head_age_seconds", age, labels: [("which", which)])
                }
            }
        }
        return page.text
    }

    private static var now: Double { Date().timeIntervalSince1970 }
}
