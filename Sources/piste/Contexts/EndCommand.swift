import ArgumentParser
import FoundationEssentials
import Tenancy

/// `piste end`: ends a context.
struct EndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a context, one's own or, as an admin, anybody's.",
    )

    @Argument(help: "The context's jti.", completion: .contexts)
    var jti: String

    @Option(help: ArgumentHelp("The reason, for the record.", valueName: "text"))
    var why = "ended from the command line"

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        try Self.end(jti, why: why, Target.findForChange(database))
    }

    /// Ends it; what cannot be a context's id is refused before the database is asked.
    static func end(_ jti: String, why: String, _ target: @autoclosure () throws -> Target) throws {
        guard UUID(uuidString: jti) != nil else {
            throw CommandError(
                .usage, "“\(jti)” is no context's id", at: "the argument <jti>",
                remedy: "piste contexts --all tells the ids; a token tells its own: piste token inspect TOKEN"
            )
        }
        try target().withClient { client in try await client.endContext(jti, why: why) }
        Narration.say("Ended: token, membership and backend are gone.")
    }
}
