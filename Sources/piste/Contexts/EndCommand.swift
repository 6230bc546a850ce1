import ArgumentParser
import Tenancy

/// `piste end`: ends a context.
struct EndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a context, one's own or, as an admin, anybody's.",
    )

    @Argument(help: "The context's jti.")
    var jti: String

    @Option(help: ArgumentHelp("The reason, for the record.", valueName: "text"))
    var why = "ended from the command line"

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        try Self.end(jti, why: why, Target.find(database))
    }

    static func end(_ jti: String, why: String, _ target: Target) throws {
        try target.withClient { client in try await client.endContext(jti, why: why) }
        Narration.say("Ended: token, membership and backend are gone.")
    }
}
