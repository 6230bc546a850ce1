import ArgumentParser
import Console
import Tenancy

/// `piste impersonate`: a context that may change things, with a written reason.
struct ImpersonateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impersonate",
        abstract: "Impersonate a company or one of its users, for a written reason (support, admin).",
        discussion: """
            Examples:
              piste impersonate acme --reason "cannot log in" --ticket SUP-114
              piste impersonate acme --user ada@acme.example --reason "cannot log in" --minutes 5 --print-token
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: ArgumentHelp("Why, in words; it goes on record.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("The ticket.", valueName: "id"))
    var ticket: String?

    @Option(help: ArgumentHelp("The user to act as; without one, the company.", valueName: "email"))
    var user: String?

    @Option(help: "How long, from 1 to 30 minutes; 15 without it, or what the company allows at most.")
    var minutes: Int?

    @Flag(help: "Where a second operator must approve it: wait for the decision, then go on.")
    var wait = false

    @Flag(help: "Print a token instead of opening the console.")
    var printToken = false

    @Option(
        name: .customLong("format"), help: "The form of a token that is printed: table, json, csv or plain.")
    var chosen: ListingFormat?

    @OptionGroup(title: "Database") var database: DatabaseOptions
    @OptionGroup(title: "Display") var display: DisplayOptions

    func validate() throws { try ValidationError.check("--minutes", minutes, in: 1...30) }

    func run() throws {
        let settings = try Settings(database, display)
        try settings.requireChangesAllowed(remedy: "--no-read-only")
        let target = try Target.find(database)
        let (company, reason, ticket, user, minutes) = (company, reason, ticket, user, minutes)
        guard printToken || ConsoleLaunch.hasScreen(display) else {
            throw CommandError(
                .usage, "there is no screen to open the console on", remedy: "--print-token prints a token")
        }
        let (wait, printToken) = (wait, printToken)
        let token: ContextToken? = try target.withClient { client in
            // The console asks the same once more, and is given what was approved meanwhile.
            let policy = wait ? try await client.company(company).policy : nil
            let isWaitedFor = policy?.impersonation == .approval
            guard printToken || isWaitedFor else { return nil }
            let answer = try await client.requestImpersonation(
                of: company, reason: reason, ticket: ticket, user: user, minutes: minutes,
                claiming: !isWaitedFor)
            guard case .pending(let request) = answer else { return answer.token }
            guard isWaitedFor else { throw request.refusal }
            try await ApprovalWait(client: client).approved(request)
            return printToken ? try await client.claim(request.id) : nil
        }
        if let token {
            return try TokenIssueCommand.write(token, as: display.format(chosen))
        }
        let start = ConsoleOptions.Start.impersonation(
            company, reason: reason, ticket: ticket, user: user, minutes: minutes)
        try ConsoleLaunch(target: target, display: display, settings: settings, start: start).run()
    }
}
