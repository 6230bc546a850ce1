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

    static let columns: [Column<AuditRecord>] = [
        Column("seq", isIdentity: true) { $0.seq.map(Value.number) ?? .none },
        Column("at") { .moment($0.at) },
        Column("actor") { .text($0.actor) },
        Column("subject") { Value($0.subject) },
        Column("context", isDetail: true) { Value($0.context) },
        Column("action") { .text($0.action) },
        Column("resource") { Value($0.resource) },
        Column("detail") { $0.detail.map(Value.json) ?? .none },
        Column("previous_hash", isDetail: true) { Value($0.previousHash) },
        Column("hash", isDetail: true) { Value($0.hash) },
    ]
}
