import Tenancy
import Text

/// A report as a file; its form follows from its name.
final class ProofFile: Sendable {
    /// The forms that there are.
    enum Form: String, CaseIterable, Sendable {
        case md, json, html

        /// Nil for another ending.
        init?(path: String) {
            guard let dot = path.lastIndex(of: ".") else { return nil }
            self.init(rawValue: path[path.index(after: dot)...].lowercased())
        }
    }

    private let form: Form
    private let sink: DataSink

    init(path: String) throws {
        guard let form = Form(path: path) else {
            throw CommandError(.usage, "a report ends in .md, .json or .html", at: path)
        }
        self.form = form
        sink = try DataSink(path: path)
    }

    /// Writes the report; the file appears whole.
    func write(_ report: ProofReport, _ record: ProofRecord) throws {
        switch form {
        case .json: try sink.write(ProofJSON.bytes(report, record))
        case .md: try sink.write(Array(ProofMarkdown(report, record).text.utf8))
        case .html: try sink.write(Array(ProofPage(report, record).text.utf8))
        }
        try sink.finish()
    }
}

/// The report as JSON: the body that the digest covers, the digest, and where it is recorded.
enum ProofJSON {
    static func bytes(_ report: ProofReport, _ record: ProofRecord) -> [UInt8] {
        Array("{\"body\":".utf8) + report.body
            + Array(
                """
                ,"sha256":\(JSONText.quoted(report.digest)),"recorded":{"trail":"control trail","seq":\(record.seq),\
                "hash":\(JSONText.quoted(record.hash)),"at":\(JSONText.quoted(record.at.exactText))}}

                """.utf8)
    }
}
