import ArgumentParser
import Tenancy
import Terminal

/// `piste company export`: everything that a company has, in one archive.
struct CompanyExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a company's rows and its audit trail into one archive (admin).",
        discussion: """
            The export is recorded in the company's trail before anything is read. The archive appears under its \
            name only when it is whole and was read back. Standard output gets its SHA-256 and its name.

            Examples:
              piste company export acme --output acme.tar
            """,
    )

    @Argument(help: "The company's url id.", completion: .companies)
    var company: String

    @Option(help: ArgumentHelp("The archive.", valueName: "file.tar"), completion: .file(extensions: ["tar"]))
    var output: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let receipt = try CompanyExport(company, output, archive).run(Target.find(database))
        try StandardOutput.shared.line("\(receipt.digest)  \(String(displaying: output))")
    }
}

/// How an archive is written.
struct ArchiveOptions: ParsableArguments {
    /// The form of the rows, as an option names it.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, csv
    }

    @Option(help: "jsonl or csv: the form of the rows in the archive.")
    var format = Format.jsonl

    @Flag(help: "Write over a file that is there already.")
    var force = false
}

/// One export as a command makes it: inside a context of its own, with its progress.
struct CompanyExport: Sendable {
    private let company: String
    private let output: String
    private let format: ArchiveFormat
    private let isForced: Bool

    init(_ company: String, _ output: String, _ options: ArchiveOptions) {
        self.company = company
        self.output = output
        format = options.format == .csv ? .csv : .jsonl
        isForced = options.force
    }

    func run(_ target: Target) throws -> ArchiveReceipt {
        do {
            try PartialFile.check(output, overwriting: isForced)
        } catch {
            throw CommandError(error, at: output) ?? error
        }
        let receipt = try target.inside(company, minutes: 30) { session in
            let bar = ProgressBar("Exporting rows", total: try await session.rowsToExport())
            let receipt = try await session.export(to: output, as: format, overwriting: isForced) {
                bar.advance(by: $0)
            }
            bar.finish()
            return receipt
        }
        if receipt.removedLeftover { Narration.say("Removed what an interrupted export had left behind.") }
        let rows = receipt.manifest.tables.map { "\($0.rows) \($0.name)" }.joined(separator: ", ")
        Narration.say("\(rows) and \(receipt.manifest.trail.records) audit records, read back and verified.")
        return receipt
    }
}
