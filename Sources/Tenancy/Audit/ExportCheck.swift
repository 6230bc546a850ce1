/// Verifies an exported trail from its file alone, without a database.
package struct ExportCheck: Sendable {
    /// What the first line said; nil when the file has no header.
    package let header: AuditHeader?
    /// The number of the first record.
    package let first: Int64?
    /// What was found.
    package let verdict: AuditVerdict

    /// Reads the file from beginning to end; throws when it is no export, naming the line.
    ///
    /// - Parameters:
    ///   - company: whose trail it must be, where the file does not say; a file that says another one is bad.
    ///   - points: what the trail must pass through.
    package init(
        path: String, company: String? = nil, through points: [ChainCheck.Point] = []
    ) throws(AuditFileError) {
        var lines = try LineReader(path: path)
        var header: AuditHeader?
        var check: ChainCheck?
        while let line = try lines.next() {
            switch try AuditLine.content(of: line, line: lines.line) {
            case .header(let read):
                guard lines.line == 1 else {
                    throw AuditFileError(line: lines.line, "a header belongs into the first line")
                }
                header = read
                check = ChainCheck(company: company ?? read.company, first: read.firstSeq, through: points)
            case .record(let record):
                if let header, record.seq > header.lastSeq {
                    throw AuditFileError(
                        line: lines.line, "by its header the export ends with record \(header.lastSeq)")
                }
                if check == nil { check = ChainCheck(company: company, first: nil, through: points) }
                check?.add(record)
            }
        }
        guard var check else { throw AuditFileError(line: 1, "there is no record in it") }
        verdict = check.verdict(end: header?.lastSeq)
        first = check.first
        self.header = header
    }
}
