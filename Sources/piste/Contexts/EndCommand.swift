import ArgumentParser
import FoundationEssentials
import Tenancy

/// `piste end`: ends a context.
struct EndCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end",
        abstract: "End a context, one's own or, as an admin, anybody's.",
        discussion: """
            Examples:
              piste end 5f3c
              piste end 5f3c9a52-0000-4000-8000-000000000000
            """,
    )

    @Argument(
        help: "The context's jti, or so much of its beginning that no other is meant.", completion: .contexts)
    var jti: String

    @Option(help: ArgumentHelp("The reason, for the record.", valueName: "text"))
    var why = "ended from the command line"

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        try Self.end(jti, why: why, Target.findForChange(database))
    }

    /// Ends it; what cannot be a context's id is refused before the database is asked.
    static func end(_ jti: String, why: String, _ target: @autoclosure () throws -> Target) throws {
        guard let id = IDBeginning(jti) else {
            throw CommandError(
                .usage, "“\(jti)” is no context's id, and no beginning of one", at: "the argument <jti>",
                remedy: "piste contexts --all tells the ids; a token tells its own: piste token inspect TOKEN"
            )
        }
        try target().withClient { client in
            let whole: String
            if let typed = id.whole {
                whole = typed
            } else {
                let going = try await client.contexts(liveOnly: false).filter {
                    $0.endedAt == nil && $0.expiresAt > Date()
                }
                whole = try id.only(of: going.map(\.jti), "context that has not ended")
            }
            try await client.endContext(whole, why: why)
        }
        Narration.say("Ended: token, membership and backend are gone.")
    }
}
