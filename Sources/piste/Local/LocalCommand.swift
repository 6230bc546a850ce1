import ArgumentParser
import Listing
import LocalCluster

/// `piste local`: the private PostgreSQL of demos.
struct LocalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "The private local PostgreSQL: is it there, stop it, remove it.",
        subcommands: [LocalStatusCommand.self, LocalStopCommand.self, LocalDestroyCommand.self],
    )
}

/// `piste local status`: where it lies, whether it runs, what it takes.
struct LocalStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether it runs, and where it lies.",
        discussion: """
            Examples:
              piste local status
            """,
    )

    @OptionGroup var form: FormatOption

    func run() throws {
        let columns: [Column<ClusterStatus>] = [
            Column("phase") { .text($0.phase.rawValue) },
            Column("postgresql") { Value($0.version) },
            Column("pid") { Value($0.pid.map { Int($0) }) },
            Column("data") { .text($0.dataDirectory) },
            Column("socket") { .text($0.socketDirectory) },
            Column("log") { .text($0.logFile) },
            Column("bytes") { Value($0.bytes) },
        ]
        try Listing.write(one: LocalCluster.standard.status(), as: form.format, columns)
    }
}

/// `piste local stop`: the data stay.
struct LocalStopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop it; the data stay.",
        discussion: """
            Examples:
              piste local stop
            """,
    )

    func run() throws {
        let wasRunning = try LocalCluster.standard.stop(narrate: Narration.say)
        Narration.say(wasRunning ? "It is stopped; the next piste starts it again." : "It was not running.")
    }
}

/// `piste local destroy`: server and data go.
struct LocalDestroyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Stop it and remove its data for good.",
        discussion: """
            Examples:
              piste local destroy
            """,
    )

    @Flag(help: "Do not ask.")
    var yes = false

    func run() throws {
        let cluster = LocalCluster.standard
        guard cluster.status().phase != .absent else {
            Narration.say("There is none.")
            return
        }
        guard yes || Question.confirm("Remove the local PostgreSQL in \(cluster.root) with all its data?")
        else {
            throw CommandError(
                .failed, "nothing was removed", at: cluster.root, remedy: "confirm with yes, or --yes")
        }
        try cluster.destroy(narrate: Narration.say)
        Narration.say("It is removed.")
    }
}
