import Postgres
import Synchronization

/// Holds the structures of many companies against their blueprints and looks at their windows, by workers side by side with a
/// connection each.
struct StructureRun: Sendable {
    private let settings: ConnectionSettings
    private let pages: [[String]]
    private static let workers = 4
    private static let pageSize = 50
    /// A backend remembers every table that it has looked at: after so many pages it is replaced.
    private static let pagesPerConnection = 20

    init(_ settings: ConnectionSettings, _ companies: [String]) {
        self.settings = settings
        pages = stride(from: 0, to: companies.count, by: Self.pageSize).map {
            Array(companies[$0..<min($0 + Self.pageSize, companies.count)])
        }
    }

    /// The checks `gate.windows` and `company.structure`; `each` hears how many companies more are done.
    func checks(
        each: @escaping @Sendable (Int) -> Void
    ) async throws(TenancyError) -> (windows: IsolationCheck, structure: IsolationCheck) {
        let desk = Desk(pages)
        let problem = await withTaskGroup(of: TenancyError?.self) { group in
            for _ in 0..<min(Self.workers, pages.count) {
                group.addTask {
                    do throws(TenancyError) {
                        try await work(desk, each)
                        return nil
                    } catch {
                        // The others take no more.
                        desk.clear()
                        return error
                    }
                }
            }
            var first: TenancyError?
            for await problem in group { first = first ?? problem }
            return first
        }
        if let problem { throw problem }
        return desk.checks
    }

    /// Takes pages until there are none; a page that was begun is finished.
    private func work(_ desk: Desk, _ each: @Sendable (Int) -> Void) async throws(TenancyError) {
        while !desk.isClear {
            let client = try await TenancyClient.connect(settings)
            do throws(TenancyError) {
                for _ in 0..<Self.pagesPerConnection {
                    guard let page = desk.take() else { break }
                    desk.add(try await client.structures(of: page))
                    each(page.count)
                }
                await client.close()
            } catch {
                await client.close()
                throw error
            }
        }
    }

    /// What one company has otherwise than its blueprint builds.
    struct Comparison: Sendable {
        let urlID: String
        /// Nil when nothing differs.
        let difference: String?
        /// The blueprint.
        let heldAgainst: String
        /// How many windows it has.
        let windows: Int
        /// What is wrong with them; nil when nothing is.
        let windowProblems: String?
    }

    /// What is left to do, and what the workers have found so far.
    private final class Desk: Sendable {
        private let state: Mutex<(pages: ArraySlice<[String]>, sum: Sum)>

        init(_ pages: [[String]]) {
            state = Mutex((pages[...], Sum()))
        }

        var isClear: Bool { state.withLock { $0.pages.isEmpty } }
        var checks: (windows: IsolationCheck, structure: IsolationCheck) {
            state.withLock { ($0.sum.windowCheck, $0.sum.structureCheck) }
        }

        func take() -> [String]? { state.withLock { $0.pages.popFirst() } }
        func clear() { state.withLock { $0.pages = [] } }
        func add(_ rows: [Comparison]) { state.withLock { $0.sum.add(rows) } }
    }

    /// What the workers have found so far.
    private struct Sum {
        private var sound = 0
        private var blueprints: Set<String> = []
        private var differences: [String] = []
        private var windows = 0
        private var windowProblems: [String] = []

        mutating func add(_ rows: [Comparison]) {
            for row in rows {
                windows += row.windows
                if let problems = row.windowProblems {
                    windowProblems.append("\(row.urlID): \(problems.prefix(1000))")
                }
                if let difference = row.difference {
                    differences.append("\(row.urlID): \(difference.prefix(1000))")
                } else {
                    sound += 1
                    blueprints.insert(row.heldAgainst)
                }
            }
        }

        var windowCheck: IsolationCheck {
            IsolationCheck(
                id: "gate.windows",
                what: "Every window is word for word its table's, and PostgreSQL asks the gate first",
                passed: windowProblems.isEmpty,
                evidence: windowProblems.isEmpty
                    ? "\(windows) windows, each the one text that its table gives, each asked first in a left join"
                    : Self.told(windowProblems))
        }

        /// The first twenty, and how many there are more.
        private static func told(_ problems: [String]) -> String {
            problems.sorted().prefix(20).joined(separator: "; ")
                + (problems.count > 20 ? "; and \(problems.count - 20) more" : "")
        }

        var structureCheck: IsolationCheck {
            let versions = blueprints.sorted().joined(separator: ", ")
            return IsolationCheck(
                id: "company.structure",
                what: "Every company is, object by object, what its blueprint builds",
                passed: differences.isEmpty,
                evidence: differences.isEmpty
                    ? "\(sound) companies, object by object as if freshly built by blueprint \(versions)"
                    : Self.told(differences))
        }
    }
}
