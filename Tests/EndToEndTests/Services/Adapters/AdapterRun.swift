import Foundation
import Tenancy
import TestSupport
import Testing

/// What `piste client` prints, beside a script that uses it, run against a real server.
enum AdapterRun {
    /// The lines that the script prints.
    static func lines(
        _ adapter: ClientAdapter, _ driver: Driver, _ script: String, _ world: ServiceWorld,
        as login: String? = nil
    ) async throws -> [String] {
        let folder = try TemporaryFolder()
        try await write(adapter, to: folder.path)
        let use = folder.path + "/use." + (driver == .node ? "js" : "py")
        try script.write(toFile: use, atomically: true, encoding: .utf8)
        var environment = world.variables(login ?? world.till)
        environment["LC_ALL"] = "C.UTF-8"
        environment["PYTHONPATH"] = Driver.folder
        let ended = try await Driver.run(driver.interpreter + [use], environment: environment)
        #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
        return ended.output.split(separator: "\n").map(String.init)
    }

    /// Puts the adapter where an application keeps it.
    static func write(_ adapter: ClientAdapter, to folder: String) async throws {
        let printed = try await Piste.run(["client", adapter.rawValue])
        #expect(printed.status == 0 && printed.output == adapter.source, "\(printed.narration)")
        try printed.output.write(
            toFile: "\(folder)/\(adapter.fileName)", atomically: true, encoding: .utf8)
    }

    /// Records of acme's trail with this action.
    static func records(_ action: String, _ world: ServiceWorld) async throws -> Int {
        try await world.number(
            """
            SELECT count(*) FROM piste.entry e JOIN piste.company k ON k.id = e.company
            WHERE k.url_id = 'acme' AND e.action = '\(action)'
            """)
    }

    /// What `adapter_steps.py` prints.
    static let steps = [
        "[('acme', 'mail.welcome', {'user': 7}, 1)] 1 0 []", "5 done, and then 14",
    ]

    /// What it leaves: five tickets, and seven changes that stand.
    static func expectSteps(_ world: ServiceWorld) async throws {
        #expect(try await records("users.tidy", world) == 5)
        #expect(
            try await world.number(
                "SELECT count(*) FROM \(try await world.home("acme")).users WHERE name = 'tidy'") == 7)
    }
}
