import ArgumentParser
import Postgres
import Tenancy
import Terminal

/// `piste audit export`: a trail with its hashes, for whoever keeps or watches it outside.
struct AuditExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export a company's audit trail, oldest first, as JSON lines, OCSF or CEF.",
        discussion: """
            jsonl holds every record with its hashes, after a header: piste audit verify --export checks it without \
            a database. ocsf (version 1.5) and cef are for a SIEM.

            An admin reads from outside, which is recorded in the trail; everybody else opens a context for it.

            Examples:
              piste audit export acme --output acme.jsonl
              piste audit export acme --format ocsf --since 2026-11-01 --until 2026-12-01
              piste audit export --format cef | logger -t piste
            """)

    /// What the lines look like.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case jsonl, ocsf, cef
    }

    @Argument(help: "The company's url id; without one, the engine's own trail.", completion: .companies)
    var company: String?

    @Option(help: "jsonl, ocsf or cef.")
    var format = Format.jsonl

    @Option(
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Begin with this record, or with the first one at or after this moment (UTC unless it says otherwise).",
            valueName: "seq|date"))
    var since: AuditBound?

    @Option(
        help: ArgumentHelp(
            "End with this record, or with the last one before this moment.", valueName: "seq|date"))
    var until: AuditBound?

    @OptionGroup(title: "Database") var database: DatabaseOptions

    func run() throws {
        let (company, format, since, until) = (company, format, since, until)
        let target = try Target.find(database)
        let sink = try DataSink(path: output)
        let (count, archived) = try sink.whole {
            try target.reading(trailOf: company) { source in
                let extent = try await source.auditExtent(of: company, since: since, until: until)
                let header = extent.header
                let isWhole = header.firstSeq == extent.beginsAfter + 1
                var bytes: [UInt8] = []
                if format == .jsonl { AuditLine.append(header, to: &bytes) }
                var count = 0
                try await source.auditRecords(of: company, header) { records in
                    count += records.count
                    for record in records { format.append(record, of: header, to: &bytes) }
                    try sink.write(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
                try sink.write(bytes)
                return (count, isWhole ? extent.beginsAfter : 0)
            }
        }
        if archived > 0 {
            Narration.say("The records up to \(archived) are archived; the export begins behind them.")
        }
        if let output { Narration.say("\(count) records are in \(String(displaying: output)).") }
    }
}

extension AuditExportCommand.Format {
    fileprivate func append(_ record: ChainedRecord, of header: AuditHeader, to bytes: inout [UInt8]) {
        switch self {
        case .jsonl: AuditLine.append(record, to: &bytes)
        case .ocsf: OCSFEvent.append(record, of: header, to: &bytes)
        case .cef: CEFEvent.append(record, of: header, to: &bytes)
        }
    }
}

extension AuditBound: ExpressibleByArgument {
    /// A record's number, or a moment in ISO form.
    public init?(argument: String) {
        if let seq = Int64(argument) {
            guard seq > 0 else { return nil }
            self = .seq(seq)
        } else if let moment = Timestamp(argument), moment.isFinite {
            self = .moment(moment)
        } else {
            return nil
        }
    }
}
