import ArgumentParser
import Tenancy

/// `piste company`: the tenants.
struct CompanyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "company",
        abstract: "Create, list and change companies.",
        subcommands: [
            CompanyCreateCommand.self, CompanyListCommand.self, CompanyShowCommand.self,
            CompanyRenameCommand.self,
            CompanySuspendCommand.self, CompanyResumeCommand.self, CompanyPolicyCommand.self,
            CompanyProviderCommand.self,
            CompanyExportCommand.self, CompanyVerifyCommand.self, CompanyRestoreCommand.self,
            CompanyDeleteCommand.self, CompanyCertificateCommand.self,
        ],
    )

    /// What is told about a company.
    static let columns: [Column<Company>] = [
        Column("name") { .text($0.name) },
        Column("url_id", isIdentity: true) { .text($0.urlID) },
        Column("auth_provider", title: "AUTH") { .text($0.authProvider) },
        Column("status") { .text($0.status.rawValue) },
        Column("impersonation") { .text($0.policy.impersonation.rawValue) },
        Column("users_estimate", title: "≈USERS") { Value($0.estimatedUsers) },
        Column("created_at", title: "CREATED") { .moment($0.createdAt) },
    ]
}
