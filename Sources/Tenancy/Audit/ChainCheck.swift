/// Follows a trail from record to record, oldest first, and names the first that is not what it should be.
///
/// Everything is computed here from the records alone; no answer of the server is believed.
package struct ChainCheck: Sendable {
    /// A point that the trail must pass through: the number of a record and its hash.
    package struct Point: Hashable, Sendable {
        package let seq: Int64
        package let hash: [UInt8]
        /// Where the point comes from, in words: "the checkpoint of …".
        package let source: String

        package init(seq: Int64, hash: [UInt8], source: String) {
            self.seq = seq
            self.hash = hash
            self.source = source
        }
    }

    /// The trail of what concerns no single company.
    package static let engine = "00000000-0000-0000-0000-000000000000"

    /// How many records were read.
    package private(set) var entries: Int64 = 0
    /// The number of the first record, which is above 1 for a part of a trail.
    package private(set) var first: Int64?
    /// The number and the hash of the last record that was sound.
    package private(set) var last: (seq: Int64, hash: [UInt8])?
    private let company: String?
    private var points: [Point]
    private var finding: (seq: Int64, why: String)?

    /// - Parameters:
    ///   - company: whose trail it must be; nil when that is not known.
    ///   - first: the number that the first record must have; nil takes what comes.
    package init(company: String?, first: Int64? = 1, through points: [Point] = []) {
        self.company = company?.lowercased()
        self.points = points.sorted { $0.seq < $1.seq }
        if let first, first == 1, let company { last = (0, ChainedRecord.origin(of: company)) }
        self.first = first.map { min(max($0, 1), .max - 1) }
    }

    /// Takes the next record; after the first bad one, only counts.
    package mutating func add(_ record: ChainedRecord) {
        entries += 1
        guard finding == nil else { return }
        if last == nil { begin(with: record) }
        guard finding == nil else { return }
        if let (seq, why) = fault(of: record) {
            note(seq, why)
        } else {
            last = (record.seq, record.hash)
            pass(record.seq, record.hash)
        }
    }

    /// Says that the records up to here should end with this number: at the end of a file, or of the trail.
    package mutating func require(end: Int64?) {
        guard let end, reached < end else { return }
        note(reached + 1, "the end is missing: it should reach record \(end)")
    }

    /// What was found in the records so far, were they all there are; more may follow.
    ///
    /// - Parameter unsealed: how many entries wait behind them, for the verdict to say.
    package func verdict(unsealed: Int64 = 0) -> AuditVerdict {
        let missed = points.first.map {
            (seq: reached + 1, why: "the trail ends before record \($0.seq), which \($0.source) noted")
        }
        let found = finding ?? missed
        return AuditVerdict(
            isIntact: found == nil, entries: entries, firstBad: found?.seq, why: found?.why,
            unsealed: unsealed, beginsAfter: begins)
    }

    private var begins: Int64 { max(0, (first ?? 1) - 1) }
    private var reached: Int64 { last?.seq ?? begins }

    /// A part of a trail begins where it begins; the hash before its first record is a point that it passes through.
    private mutating func begin(with record: ChainedRecord) {
        let expected = first ?? record.seq
        guard record.seq == expected, record.seq > 0, record.seq < .max else {
            note(expected, "the trail should begin with record \(expected), not with \(record.seq)")
            return
        }
        first = expected
        last = (
            record.seq - 1,
            record.seq == 1
                ? company.map(ChainedRecord.origin(of:)) ?? record.previousHash : record.previousHash
        )
        if let point = points.first, point.seq < record.seq - 1 {
            note(point.seq, "it begins after record \(point.seq), which \(point.source) noted")
        } else {
            pass(record.seq - 1, record.previousHash)
        }
    }

    private func fault(of record: ChainedRecord) -> (Int64, String)? {
        guard let last else { return nil }
        guard record.seq < .max else { return (last.seq + 1, "no record has the number \(record.seq)") }
        if record.seq > last.seq + 1 {
            return (last.seq + 1, "the record is missing: record \(record.seq) is in its place")
        }
        if record.seq <= last.seq {
            return (record.seq, "the record comes again, or out of its order, after record \(last.seq)")
        }
        if record.previousHash != last.hash {
            return (record.seq, "the record does not follow the one before")
        }
        if record.hash != record.computedHash() { return (record.seq, "the record does not match its hash") }
        if record.seq == 1, let company, company != Self.engine, company != record.companyCreated {
            return (1, "this is the trail of another company")
        }
        return nil
    }

    private mutating func pass(_ seq: Int64, _ hash: [UInt8]) {
        while finding == nil, let point = points.first, point.seq <= seq {
            points.removeFirst()
            if point.hash != hash {
                note(
                    point.seq, "the record is not the one that \(point.source) noted: the trail was rewritten"
                )
            }
        }
    }

    private mutating func note(_ seq: Int64, _ why: String) {
        guard finding == nil else { return }
        finding = (seq, why)
    }
}

extension ChainedRecord {
    /// The uuid of the company whose trail this record begins; nil for any other record.
    fileprivate var companyCreated: String? {
        guard action == "company.create", let detail else { return nil }
        return AuditDetail.text("company", in: detail)?.lowercased()
    }
}
