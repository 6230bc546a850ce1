import ArgumentParser
import Tenancy
import Terminal

/// `piste audit key`: the key that signs checkpoints.
struct AuditKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make and show the key that signs checkpoints; it never meets the database.",
        subcommands: [AuditKeyNewCommand.self, AuditKeyShowCommand.self],
    )
}

/// `piste audit key new`: draws a key, keeps the private half in a file and prints the public one.
struct AuditKeyNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract:
            "Make a key: the private half goes into a file, the verifier key is printed for the customers.",
        discussion: """
            Examples:
              piste audit key new --name shop.example/audit
              piste audit key new --output /etc/piste/audit.key
            """,
    )

    @Option(
        help: ArgumentHelp(
            "The file to make; by default audit.key beside the configuration.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "What the key is called, best with your domain: shop.example/audit; otherwise piste/audit/ and a number of its own.",
            valueName: "name"))
    var name: String?

    func run() throws {
        let signer: NoteSigner
        do throws(AuditFileError) {
            signer = try NoteSigner.new(named: name)
        } catch {
            throw CommandError(.usage, error.what, at: "--name")
        }
        let path = try KeyFile.make(signer, at: output)
        try StandardOutput.shared.line("\(signer.verifier)")
        Narration.say("The private key is in \(String(displaying: path)): keep it away from the database.")
    }
}

/// `piste audit key show`: prints the verifier key again.
struct AuditKeyShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print the verifier key that belongs to a private key.",
        discussion: """
            Examples:
              piste audit key show --key /etc/piste/audit.key
            """,
    )

    @Option(
        help: ArgumentHelp("The key that piste audit key new made.", valueName: "file"), completion: .file())
    var key: String?

    func run() throws {
        try StandardOutput.shared.line("\(KeyFile.read(KeyFile.path(key)).verifier)")
    }
}
