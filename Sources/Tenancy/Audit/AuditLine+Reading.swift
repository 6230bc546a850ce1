import Postgres
import Signing
import Text

extension AuditLine {
    /// The highest number that a record can have: one more can still be counted.
    private static let lastNumber = Int64.max - 1

    /// What one line of an export holds.
    package enum Content: Hashable, Sendable {
        case header(AuditHeader)
        case record(ChainedRecord)
    }

    /// Reads a line without its end; throws what is wrong with it, naming the line.
    ///
    /// Everything has one spelling only: a key more, a number as a text, or a time for people that is not the one that the
    /// hash covers, is an error.
    package static func content(of bytes: ArraySlice<UInt8>, line: Int) throws(AuditFileError) -> Content {
        var members = Members(try FlatJSON.object(bytes, line: line), line: line)
        if members.has("format") {
            let header = try header(&members)
            try members.finish()
            return .header(header)
        }
        let record = try record(&members)
        try members.finish()
        return .record(record)
    }

    private static func header(_ members: inout Members) throws(AuditFileError) -> AuditHeader {
        guard try members.text("format") == format else {
            throw members.error("this is not an audit export: its format is not \(format)")
        }
        guard try members.number("version") == Int64(version) else {
            throw members.error("this version of the format is not known here; it should be \(version)")
        }
        let header = AuditHeader(
            company: try members.text("company"), urlID: try members.optionalText("url_id"),
            engineVersion: try members.text("engine_version"), firstSeq: try members.number("first_seq"),
            lastSeq: try members.number("last_seq"))
        guard Checkpoint.isUUID(header.company) else {
            throw members.error("company should be a uuid in lower case")
        }
        guard (1...Self.lastNumber).contains(header.firstSeq),
            (0...Self.lastNumber).contains(header.lastSeq)
        else { throw members.error("first_seq and last_seq are no numbers of records") }
        return header
    }

    private static func record(_ members: inout Members) throws(AuditFileError) -> ChainedRecord {
        let seq = try members.number("seq")
        guard (1...Self.lastNumber).contains(seq) else {
            throw members.error("seq should be a number of a record, from 1 on")
        }
        let microseconds = try members.number("at_us")
        // One spelling only, which is compared: whatever else stands there is not even looked at.
        guard try members.text("at") == Timestamp(microseconds: microseconds).description else {
            throw members.error("at and at_us of record \(seq) are different moments")
        }
        return ChainedRecord(
            seq: seq, atMicroseconds: microseconds, actor: try members.text("actor"),
            subject: try members.optionalText("subject"), context: try members.optionalText("context"),
            action: try members.text("action"), resource: try members.text("resource"),
            detail: try members.optionalText("detail"),
            valuesHash: try members.optionalHash("values_hash"),
            previousHash: try members.hash("previous_hash"),
            hash: try members.hash("hash"))
    }
}

/// The members of a line's object, each of which is asked for once.
private struct Members {
    private var members: [(key: String, value: FlatJSON.Value)]
    private let line: Int

    init(_ members: [(key: String, value: FlatJSON.Value)], line: Int) {
        self.members = members
        self.line = line
    }

    func has(_ key: String) -> Bool { members.contains { $0.key == key } }

    mutating func text(_ key: String) throws(AuditFileError) -> String {
        guard case .text(let text) = try take(key) else { throw error("\(key) should be a text") }
        return text
    }

    mutating func optionalText(_ key: String) throws(AuditFileError) -> String? {
        switch try take(key) {
        case .null: return nil
        case .text(let text): return text
        case .number: throw error("\(key) should be a text or null")
        }
    }

    mutating func number(_ key: String) throws(AuditFileError) -> Int64 {
        guard case .number(let number) = try take(key) else { throw error("\(key) should be a whole number") }
        return number
    }

    mutating func hash(_ key: String) throws(AuditFileError) -> [UInt8] {
        let text = try text(key)
        guard let bytes = Hexadecimal.bytes(text), bytes.count == SHA256.byteCount else {
            throw error("\(key) should be 64 hexadecimal digits")
        }
        return bytes
    }

    mutating func optionalHash(_ key: String) throws(AuditFileError) -> String? {
        guard let text = try optionalText(key) else { return nil }
        guard Hexadecimal.bytes(text)?.count == SHA256.byteCount, text == text.lowercased() else {
            throw error("\(key) should be 64 hexadecimal digits or null")
        }
        return text
    }

    /// Throws when a key is left that nobody asked for.
    func finish() throws(AuditFileError) {
        guard let extra = members.first else { return }
        throw error("there is no key \(extra.key) in this format")
    }

    func error(_ what: String) -> AuditFileError { AuditFileError(line: line, what) }

    private mutating func take(_ key: String) throws(AuditFileError) -> FlatJSON.Value {
        guard let index = members.firstIndex(where: { $0.key == key }) else {
            throw error("\(key) is missing")
        }
        return members.remove(at: index).value
    }
}
