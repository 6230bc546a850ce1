import ArgumentParser
import Console
import Tenancy

/// `piste impersonate`: a context that may change things, with a written reason.
struct ImpersonateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impersonate",
        abstract: "Impersonate a company or one of its users, for a written reason (support, admin).",
    )

    @Argument(help: "The company's url id.")
    var company: String

    @Option(help: ArgumentHelp("Why, in words; it goes on record.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("The ticket.", valueName: "id"))
    var ticket: String?

    @Option(help: ArgumentHelp("The user to act as; without one, the company.", valueName: "email"))
    var user: String?

    @Option(help: "How long, from 1 to 30 minutes.")
    var minutes = 15

    @Flag(help: "Print a token instead of opening the console.")
    var printToken = false

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func run() throws {
        let target = try Target.find(database)
        let (company, reason, ticket, user, minutes) = (company, reason, ticket, user, minutes)
        guard printToken else {
            guard ConsoleLaunch.hasScreen(display) else {
                throw CommandError(
                    .usage, "there is no screen to open the console on",
                    remedy: "--print-token prints a token")
            }
            let start = ConsoleOptions.Start.impersonation(
                company, reason: reason, ticket: ticket, user: user, minutes: minutes)
            return try ConsoleLaunch(target: target, display: display, start: start).run()
        }
        let token = try target.withClient { client in
            try await client.impersonateCompany(
                company, reason: reason, ticket: ticket, user: user, minutes: minutes)
        }
        try TokenIssueCommand.write(token, as: form.format)
    }
}
