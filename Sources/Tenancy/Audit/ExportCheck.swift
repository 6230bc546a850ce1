/// Verifies an exported trail from its files alone, without a database.
///
/// A trail that was archived has several: each goes on where the one before ends.
package struct ExportCheck: Sendable {
    /// What the first line of the first file said; nil when it has no header.
    package private(set) var header: AuditHeader?
    /// What was found in the files so far.
    package private(set) var verdict = AuditVerdict(isIntact: true, entries: 0, firstBad: nil, why: nil)
    /// The number of the first record.
    package var first: Int64? { check?.first }
    private let company: String?
    private let points: [ChainCheck.Point]
    private var check: ChainCheck?

    /// - Parameters:
    ///   - company: whose trail it must be, where the files do not say; a file that says another one is bad.
    ///   - points: what the trail must pass through.
    package init(company: String? = nil, through points: [ChainCheck.Point] = []) {
        self.company = company
        self.points = points
    }

    /// Verifies one file.
    package init(
        path: String, company: String? = nil, through points: [ChainCheck.Point] = []
    ) throws(AuditFileError) {
        self.init(company: company, through: points)
        try read(path)
    }

    /// Reads the next file from beginning to end; throws when it is no export, naming the line.
    package mutating func read(_ path: String) throws(AuditFileError) {
        var lines = try LineReader(path: path)
        var own: AuditHeader?
        while let line = try lines.next() {
            switch try AuditLine.content(of: line, line: lines.line) {
            case .header(let read):
                guard lines.line == 1 else {
                    throw AuditFileError(line: lines.line, "a header belongs into the first line")
                }
                own = read
                try begin(read)
            case .record(let record):
                if let own, record.seq > own.lastSeq {
                    throw AuditFileError(
                        line: lines.line, "by its header the export ends with record \(own.lastSeq)")
                }
                if check == nil { check = ChainCheck(company: company, first: nil, through: points) }
                check?.add(record)
            }
        }
        guard lines.line > 0, var check else { throw AuditFileError(line: 1, "there is no record in it") }
        verdict = check.verdict(end: own?.lastSeq)
    }

    private mutating func begin(_ read: AuditHeader) throws(AuditFileError) {
        guard check == nil else {
            guard read.company == header?.company ?? company ?? read.company else {
                throw AuditFileError(line: 1, "it is of the trail of another company than the file before")
            }
            return
        }
        header = read
        check = ChainCheck(company: company ?? read.company, first: read.firstSeq, through: points)
    }
}
