import ArgumentParser
import Tenancy

/// `piste audit verify`: recomputes the chain of a trail.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute a company's audit chain (admin); exit status 5 when it is broken.",
    )

    @Argument(help: "The company's url id.")
    var company: String

    @OptionGroup var form: FormatOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let target = try Target.find(database)
        let verdict = try target.withClient { client in try await client.verifyAudit(of: company) }
        try Listing.write(
            one: verdict, as: form.format,
            [
                Column("company") { _ in .text(company) },
                Column("intact") { .truth($0.isIntact) },
                Column("entries") { .number($0.entries) },
                Column("first_bad") { $0.firstBad.map(Value.number) ?? .none },
                Column("why") { Value($0.why) },
            ])
        guard verdict.isIntact else {
            throw CommandError(
                .broken,
                "the audit trail of \(company) is broken at record \(verdict.firstBad ?? 0): "
                    + (verdict.why ?? "no reason given"),
                at: target.displayName)
        }
    }
}
