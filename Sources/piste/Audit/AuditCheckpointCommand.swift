import ArgumentParser
import Tenancy
import Terminal

/// `piste audit checkpoint`: the head of a trail as a signed note, which the customer keeps.
struct AuditCheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Sign where a company's audit trail stands now, for the customer to keep (admin).",
        discussion: """
            The note has C2SP's checkpoint form, signed with Ed25519: origin, size, root. The trail is a linear hash \
            chain and not a Merkle tree: the root is the hash of the last record. Whoever has the note and the \
            verifier key can tell later whether the trail was rewritten, cut or forked, by the database's owner too: \
            piste audit verify COMPANY --checkpoint FILE --verifier KEY.

            The checkpoint itself is recorded in the trail, behind the record that it notes.

            Examples:
              piste audit checkpoint acme --output acme.note
              piste audit checkpoint acme --key /etc/piste/audit.key | mail -s "Your checkpoint" auditor@acme.example
            """)

    @Argument(help: "The company's url id; without one, the engine's own trail.", completion: .companies)
    var company: String?

    @Option(
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp("The key that piste audit key new made.", valueName: "file"), completion: .file())
    var key: String?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let company = company
        let signer = try KeyFile.read(KeyFile.path(key))
        let target = try Target.find(database)
        let sink = try DataSink(path: output)
        let checkpoint = try target.withClient { client in
            try await client.checkpoint(of: company, for: signer.verifier.id)
        }
        let note: SignedNote
        do throws(AuditFileError) {
            note = try SignedNote(checkpoint.text, by: signer)
        } catch {
            throw CommandError(error, in: try KeyFile.path(key))
        }
        try sink.write(Array(note.file.utf8))
        try sink.finish()
        let whose = company.map { String(displaying: $0) } ?? "the engine"
        Narration.say("Record \(checkpoint.size) of \(whose) is noted, signed by \(signer.verifier.id).")
    }
}
