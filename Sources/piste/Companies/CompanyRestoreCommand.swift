import ArgumentParser
import Postgres
import Tenancy
import Terminal

/// `piste company restore`: a new company with the rows of an archive.
struct CompanyRestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a new company from an archive, as whoever installed the engine; all or nothing.",
        discussion: """
            Examples:
              piste company restore acme.tar --name "Acme Corp" --url-id acme-again --as postgres
              piste company restore acme.tar --name Acme --url-id acme-again --sha256 SHA256
            """,
    )

    @Argument(
        help: ArgumentHelp("The archive.", valueName: "file.tar"), completion: .file(extensions: ["tar"]))
    var archive: String

    @Option(help: "The name of the new company.")
    var name: String

    @Option(help: ArgumentHelp("Its short name: a-z, 0-9 and single hyphens.", valueName: "id"))
    var urlId: String

    @Option(help: ArgumentHelp("Where its users sign in; otherwise as before.", valueName: "provider"))
    var authProvider: String?

    @OptionGroup var digest: ArchiveDigestOption
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let expected = digest.sha256
        let (archive, name, urlID, provider) = (archive, name, urlId, authProvider)
        let reader: ArchiveReader
        do {
            reader = try ArchiveReader(archive)
        } catch {
            throw CommandError(error, at: archive) ?? error
        }
        let target = try Target.findForChange(database, localLogin: "postgres")
        let outcome: CompanyRestore.Outcome
        do {
            outcome = try waitFor {
                let connection = try await Connection.open(
                    target.settings.with(applicationName: "piste restore"))
                defer { connection.abandon() }
                let bar = ProgressBar("Restoring bytes", total: reader.rowBytes)
                let outcome = try await CompanyRestore(connection: connection).restore(
                    reader, name: name, urlID: urlID, authProvider: provider, digest: expected
                ) { bar.advance(by: $0) }
                bar.finish()
                await connection.close()
                return outcome
            }
        } catch let error as ArchiveError {
            throw CommandError(error, at: archive) ?? error
        } catch let error as TenancyError where error.code == .notAllowed {
            throw CommandError(
                .refused, error.message, at: target.displayName,
                remedy: "--as postgres, or whoever is superuser or installed the engine")
        } catch {
            throw CommandError(error, at: target.displayName) ?? error
        }
        let origin = reader.manifest.company
        Narration.say(
            "\(String(displaying: urlID)) has the \(outcome.rows) rows of \(String(displaying: origin.urlID))."
        )
        Narration.say(
            "Its audit trail begins anew; the archive stays the evidence of the \(reader.manifest.trail.records) "
                + "records before.")
    }
}
