import ArgumentParser
import Listing
import Tenancy

/// `piste key rotate`: another key, and nothing that the old one signed is alive.
struct KeyRotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a company another signing key: its tokens and open contexts end at once (admin).",
        discussion: """
            The old key's secret is destroyed. A company that is suspended can be given another key too.

            Examples:
              piste key rotate acme
              piste key rotate acme --yes
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let question = "Every token of \(company) dies, and whoever is in the company is thrown out."
        guard yes || Question.confirm(question) else {
            throw CommandError(
                .usage, "the rotation is not confirmed", at: company, remedy: "confirm with yes, or --yes")
        }
        let rotation = try Target.findForChange(database).withClient { client in
            try await client.rotateSigningKey(for: company)
        }
        try Listing.write(
            one: rotation, as: form.format,
            [
                Column("kid") { .text($0.kid) },
                Column("retired_kid") { .text($0.retiredKid) },
                Column("contexts_ended") { Value($0.contextsEnded) },
                Column("tokens_ended") { Value($0.tokensEnded) },
            ])
        if form.format.isForPeople { Narration.say("Rotated; the secret of the old key is destroyed.") }
    }
}
