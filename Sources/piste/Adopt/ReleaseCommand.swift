import ArgumentParser
import Tenancy
import Terminal

/// `piste release`: an adopted schema is again what it was.
struct ReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract:
            "Give an adopted schema back as it was, and forget the company; its rows stay where they are.",
        discussion: """
            Windows, roles, keys and the company's trail go, and everything that was granted or added in the schema for \
            them; whoever is inside is ended. The trail is written down first, as piste audit export does (--trail), or \
            goes for good (--without-trail): one of the two is said. A schema that is only observed has none.

            Examples:
              piste release acme --trail acme.jsonl --confirm acme
              piste release acme --without-trail --confirm acme
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: ArgumentHelp("The url id once more; on a terminal it is asked for.", valueName: "url-id"))
    var confirm: String?

    @Option(
        help: ArgumentHelp("Write the trail to this file first, as JSON lines.", valueName: "file"),
        completion: .file())
    var trail: String?

    @Flag(help: "Let the trail go, unwritten.")
    var withoutTrail = false

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws {
        guard trail == nil || !withoutTrail else {
            throw ValidationError(
                "--trail writes the trail down, --without-trail lets it go: say one of the two")
        }
    }

    func run() throws {
        let typed = confirm ?? Question.typed("The company's trail goes with it. Type \(company) to go on:")
        guard typed == company else {
            throw CommandError(
                .usage,
                typed == nil ? "the release is not confirmed" : "the confirmation names another company",
                at: company, remedy: "--confirm \(company)")
        }
        let target = try Target.findForChange(database, localLogin: "postgres")
        if trail == nil, !withoutTrail {
            let name = company
            // What is only observed has no trail, and is no company yet.
            let hasTrail: Bool = try target.withClient { client in
                do throws(TenancyError) {
                    _ = try await client.company(name)
                    return true
                } catch {
                    guard error.code == .notFound else { throw error }
                    return false
                }
            }
            guard !hasTrail else {
                throw CommandError(
                    .usage,
                    "say what becomes of the company's trail: either --trail FILE.jsonl or --without-trail",
                    at: company, remedy: "--trail \(company).jsonl keeps it")
            }
        }
        if let trail {
            var export = try AuditExportCommand.parse([company, "--output", trail])
            export.database = database
            try export.run()
        }
        let company = company
        let (records, hash) = try target.withClient { client in
            try await client.release(company, confirmation: company)
        }
        Narration.say("Released: the schema is as it was.")
        guard let hash else { return }
        Narration.say(
            "Its trail had \(records) records; the last one's hash, which the engine's trail keeps, is \(hash)."
        )
    }
}
