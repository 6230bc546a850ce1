import ArgumentParser
import Tenancy

/// `piste audit`: the append-only record of a company.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract:
            "Show, verify and export the audit trail of a company, sign where it stands, archive and erase.",
        subcommands: [
            AuditShowCommand.self, AuditVerifyCommand.self, AuditExportCommand.self,
            AuditCheckpointCommand.self, AuditKeyCommand.self, AuditArchiveCommand.self,
            AuditEraseCommand.self,
        ],
    )
}
