import ArgumentParser
import Tenancy

/// `piste company policy`: what a company allows.
struct CompanyPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Say whether a company may be impersonated (admin); without an option, tell what holds.",
    )

    /// Allowed or denied, as an option names it.
    enum Impersonation: String, ExpressibleByArgument, CaseIterable {
        case allowed, denied
    }

    @Argument(help: "The company's url id.")
    var company: String

    @Option(help: "allowed or denied; denied ends the impersonations that are open.")
    var impersonation: Impersonation?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let urlID = company
        let target = try Target.find(database)
        if let policy = impersonation.flatMap({ Company.Impersonation(rawValue: $0.rawValue) }) {
            try target.withClient { client in
                try await client.setCompanyPolicy(urlID, impersonation: policy)
            }
        }
        let company = try target.withClient { client in try await client.company(urlID) }
        try StandardOutput.shared.line("impersonation  \(company.impersonation.rawValue)")
    }
}
