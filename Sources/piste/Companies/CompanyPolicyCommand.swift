import ArgumentParser
import Listing
import Tenancy

/// `piste company policy`: what a company allows.
struct CompanyPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Say what impersonations a company allows (admin); without an option, tell what holds.",
        discussion: """
            PostgreSQL holds to the policy. Impersonations that a new policy does not allow end at once, and requests \
            for such are denied.

            Examples:
              piste company policy acme
              piste company policy acme --impersonation approval --max-minutes 10
            """,
    )

    /// Whether there may be impersonations, as an option names it.
    enum Impersonation: String, ExpressibleByArgument, CaseIterable {
        case allowed, denied, approval
    }

    /// Whether a ticket is needed, as an option names it.
    enum Ticket: String, ExpressibleByArgument, CaseIterable {
        case required, optional
    }

    /// What may be done, as an option names it.
    enum Rights: String, ExpressibleByArgument, CaseIterable {
        case readOnly = "read-only"
        case readWrite = "read-write"
    }

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: "allowed, denied, or approval: a second operator must approve each request.")
    var impersonation: Impersonation?

    @Option(help: "The longest impersonation, from 1 to 30 minutes.")
    var maxMinutes: Int?

    @Option(help: "required or optional.")
    var ticket: Ticket?

    @Option(
        help: ArgumentHelp(
            "What a whole ticket must match, for instance SUP-[0-9]+; '' for anything.", valueName: "regex"))
    var ticketPattern: String?

    @Option(help: "read-only or read-write.")
    var rights: Rights?

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func validate() throws { try ValidationError.check("--max-minutes", maxMinutes, in: 1...30) }

    func run() throws {
        let urlID = company
        let change = PolicyChange(
            impersonation: impersonation.flatMap { CompanyPolicy.Impersonation(rawValue: $0.rawValue) },
            maxMinutes: maxMinutes, ticketRequired: ticket.map { $0 == .required },
            ticketPattern: ticketPattern, rights: rights.map { $0 == .readOnly ? .read : .readWrite })
        let target = try change.isEmpty ? Target.find(database) : Target.findForChange(database)
        let (company, outcome) = try target.withClient { client in
            let outcome = change.isEmpty ? nil : try await client.setCompanyPolicy(urlID, change)
            return (try await client.company(urlID), outcome)
        }
        if let ended = outcome?.contextsEnded, ended > 0 {
            Narration.say(ended == 1 ? "1 impersonation has ended." : "\(ended) impersonations have ended.")
        }
        if let denied = outcome?.requestsDenied, denied > 0 {
            Narration.say(denied == 1 ? "1 request is denied." : "\(denied) requests are denied.")
        }
        try Listing.write(one: company.policy, as: form.format, Self.columns)
    }

    private static let columns: [Column<CompanyPolicy>] = [
        Column("impersonation") { .text($0.impersonation.rawValue) },
        Column("max_minutes") { Value($0.maxMinutes) },
        Column("ticket") { .text(($0.ticketRequired ? Ticket.required : .optional).rawValue) },
        Column("ticket_pattern") { Value($0.ticketPattern) },
        Column("rights") { .text(($0.rights == .read ? Rights.readOnly : .readWrite).rawValue) },
    ]
}
