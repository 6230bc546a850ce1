import ArgumentParser
import Listing
import Tenancy

/// `piste overview`: a company's figures, as its overview on the screen has them.
struct OverviewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "Count what a company's overview shows; the reading is recorded in its audit trail.",
        discussion: """
            Examples:
              piste overview acme
              piste overview acme --format json
            """,
    )

    /// One number and what it counts.
    private struct Figure {
        let topic: String
        let name: String
        let value: Int
        let isExact: Bool
    }

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let overview = try Target.find(database).inside(company) { session in try await session.overview() }
        try Listing.write(
            Self.figures(overview), as: form.format,
            [
                Column("topic") { .text($0.topic) },
                Column("name", isIdentity: true) { .text($0.name) },
                Column("value", isIdentity: true) { Value($0.value) },
                Column("exact") { .truth($0.isExact) },
            ])
    }

    private static func figures(_ overview: Overview) -> [Figure] {
        var figures: [Figure] = []
        func add(_ topic: String, _ name: String, _ value: Int, _ isExact: Bool) {
            figures.append(Figure(topic: topic, name: name, value: value, isExact: isExact))
        }
        func add(_ topic: String, _ unit: String, _ values: [Int], _ isExact: Bool) {
            for (place, value) in values.enumerated() {
                let ago = values.count - 1 - place
                add(
                    topic, ago == 0 ? "this \(unit)" : "\(ago) \(unit)\(ago == 1 ? "" : "s") ago", value,
                    isExact)
            }
        }
        func word(_ status: String) -> String { status.isEmpty ? "all" : status }
        for (status, users) in overview.usersByStatus.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            add("users", word(status.rawValue), users, overview.usersAreExact)
        }
        for (status, journeys) in overview.journeysByStatus.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        {
            add("journeys", word(status.rawValue), journeys, overview.journeysAreExact)
        }
        for funnel in overview.funnels {
            add("journey", funnel.name, funnel.users, overview.journeysAreExact)
            for step in funnel.steps {
                let name = "\(funnel.name), \(step.position) \(step.name)"
                add("step reached", name, step.reached, overview.journeysAreExact)
                add("step stalled", name, step.stuck, overview.journeysAreExact)
            }
        }
        if overview.hasSignUps {
            add("sign-ups", "day", overview.signUps, overview.signUpsAreExact)
            add("sign-ups", "month", overview.signUpsByMonth, overview.usersAreExact)
        }
        add("audit records", "day", overview.audit.days, true)
        for kind in overview.audit.kinds {
            add("audit records of", kind.name, kind.records, overview.audit.isExact)
        }
        for actor in overview.audit.actors {
            add("audit records by", actor.name, actor.records, overview.audit.isExact)
        }
        return figures
    }
}
