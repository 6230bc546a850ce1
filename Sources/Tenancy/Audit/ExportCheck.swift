import Glibc

/// Verifies an exported trail from its files alone, without a database.
///
/// A trail that was archived has several: each goes on where the one before ends. A file may be a company's archive too, whose
/// trail has the same lines.
package struct ExportCheck: Sendable {
    /// What the first line of the first file said; nil when it has no header.
    package private(set) var header: AuditHeader?
    /// What was found in the files so far.
    package private(set) var verdict = AuditVerdict(isIntact: true, entries: 0, firstBad: nil, why: nil)
    /// The number of the first record.
    package var first: Int64? { check?.first }
    /// Who exported the company by the trail's own records, by the context in which they did.
    package private(set) var exporters: [String: String] = [:]
    private let company: String?
    private let points: [ChainCheck.Point]
    private var check: ChainCheck?
    /// The header of the file that is being read.
    private var own: AuditHeader?
    /// Whether the first record names the company as the header does.
    private var hasProvedURLID = false

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

    /// What the first header says and nothing here proves.
    ///
    /// The first record proves whose trail it is and how the company is called, a checkpoint whose trail it is.
    package var unproved: [String] {
        guard let header else { return [] }
        let isProved = verdict.isIntact && verdict.entries > 0 && (first == 1 || !points.isEmpty)
        return [
            (isProved, "company"), (hasProvedURLID || header.urlID == nil, "url_id"),
            (false, "engine_version"),
        ].filter { !$0.0 }.map(\.1)
    }

    /// Reads the next file from beginning to end; throws when it is no export, naming the line.
    package mutating func read(_ path: String) throws(AuditFileError) {
        var lines = try LineReader(path: path)
        guard try !lines.beginsAsArchive() else {
            do throws(ArchiveError) {
                let archive: ArchiveReader
                if let file = try OpenFile.plain(path) {
                    archive = try ArchiveReader(file)
                } else {
                    archive = try ArchiveReader(lines.archive())
                }
                _ = try archive.verify()
                try read(archive)
            } catch {
                throw AuditFileError(error.message, isUnreadable: error.code == .file)
            }
            return
        }
        own = nil
        while let line = try lines.next() { try take(line, lines.line) }
        try end(lines.line)
    }

    /// Reads the trail of an archive, whose other members are the archive's own business.
    mutating func read(_ archive: ArchiveReader) throws(ArchiveError) {
        let stream = try archive.stream(ArchiveManifest.trailName)
        var rest: [UInt8] = []
        var number = 0
        own = nil
        while let piece = try stream.next() {
            rest += piece
            var start = 0
            while let newline = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                do throws(AuditFileError) {
                    try take(rest[start..<newline], number)
                } catch {
                    throw Self.damage(error)
                }
                start = newline + 1
            }
            rest.removeFirst(start)
            guard rest.count <= LineReader.longestLine else {
                throw ArchiveError(.damaged, "a line of the trail is too long")
            }
        }
        guard rest.isEmpty else { throw ArchiveError(.damaged, "the trail ends within a line") }
        do throws(AuditFileError) {
            try end(number)
        } catch {
            throw Self.damage(error)
        }
    }

    private static func damage(_ error: AuditFileError) -> ArchiveError {
        ArchiveError(.damaged, (error.line.map { "line \($0) of the trail: " } ?? "the trail: ") + error.what)
    }

    private mutating func take(_ line: ArraySlice<UInt8>, _ number: Int) throws(AuditFileError) {
        switch try AuditLine.content(of: line, line: number) {
        case .header(let read):
            guard number == 1 else {
                throw AuditFileError(line: number, "a header belongs into the first line")
            }
            own = read
            try begin(read)
        case .record(let record):
            if let own, record.seq > own.lastSeq {
                throw AuditFileError(
                    line: number, "by its header the export ends with record \(own.lastSeq)")
            }
            if check == nil { check = ChainCheck(company: company, first: nil, through: points) }
            check?.add(record)
            if record.seq == 1 { try compareName(record) }
            if record.action == "company.export", let context = record.context {
                exporters[context] = record.actor
            }
        }
    }

    private mutating func begin(_ read: AuditHeader) throws(AuditFileError) {
        guard read.company != ChainCheck.engine || read.urlID == nil else {
            throw AuditFileError(line: 1, "the engine's own trail has no url_id")
        }
        guard check == nil else {
            guard read.company == header?.company ?? company ?? read.company else {
                throw AuditFileError(line: 1, "it is of the trail of another company than the file before")
            }
            guard header == nil || read.urlID == header?.urlID else {
                throw AuditFileError(line: 1, "it names the company otherwise than the file before")
            }
            return
        }
        if let company, read.company.lowercased() != company.lowercased() {
            throw AuditFileError(line: 1, "it is of the trail of another company, \(read.company)")
        }
        header = read
        check = ChainCheck(company: company ?? read.company, first: read.firstSeq, through: points)
    }

    /// The company's first record says how it is called, for ever.
    private mutating func compareName(_ first: ChainedRecord) throws(AuditFileError) {
        guard let own, own.company != ChainCheck.engine, let detail = first.detail,
            let created = AuditDetail.text("url_id", in: detail)
        else { return }
        guard created == own.urlID else {
            throw AuditFileError(
                line: 1, "the header names the company \(own.urlID ?? "not at all"), and record 1 \(created)")
        }
        hasProvedURLID = true
    }

    private mutating func end(_ lines: Int) throws(AuditFileError) {
        guard lines > 0, var check else { throw AuditFileError(line: 1, "there is no record in it") }
        check.require(end: own?.lastSeq)
        verdict = check.verdict()
        self.check = check
    }
}
