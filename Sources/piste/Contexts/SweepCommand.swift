import ArgumentParser
import FoundationEssentials
import Tenancy
import Terminal

/// `piste sweep`: closes what is over.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Close contexts that expired or lost their backend; says what it had to do.",
    )

    @Flag(help: "Go on until interrupted, every few seconds.")
    var watch = false

    @Option(help: "Seconds between two sweeps with --watch.")
    var every = 5

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard every > 0 else { throw ValidationError("--every is a number of seconds above 0") }
        guard !watch || form.format != .json else {
            throw ValidationError("--watch never ends, and a JSON array does; take table or csv")
        }
    }

    func run() throws {
        let (watch, every, format) = (watch, every, form.format)
        try Target.find(database).withClient { client in
            var listing = try Listing(format, Self.columns)
            repeat {
                let actions = try await client.sweep()
                if watch, format == .table {
                    for action in actions { try StandardOutput.shared.line(Self.line(action)) }
                } else {
                    try listing.append(actions)
                }
                guard watch else { return try listing.finish() }
                try StandardOutput.shared.flush()
                try await Task.sleep(for: .seconds(every))
            } while true
        }
    }

    private static let columns: [Column<SweepAction>] = [
        Column("did") { .text($0.kind) },
        Column("company") { Value($0.urlID) },
        Column("operator") { Value($0.operatorName) },
        Column("jti") { Value($0.jti) },
        Column("detail") { Value($0.detail) },
    ]

    private static func line(_ action: SweepAction) -> String {
        "\(Moment.local(Date()))  "
            + columns.map { Table.text($0.value(action)).string }.joined(separator: "  ")
    }
}
