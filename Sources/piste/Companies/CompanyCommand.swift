import ArgumentParser

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
}
