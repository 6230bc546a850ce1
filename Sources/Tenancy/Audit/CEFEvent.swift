import Text

/// A record as a line of the Common Event Format, version 0.
///
/// Names and reasons come from outside: whatever could end a field, a line or a terminal's good manners is escaped. CEF has
/// escapes for backslash, pipe, equals sign and line ends only; other control characters become the text `\u0000`.
package enum CEFEvent {
    /// Appends the event and its line end.
    package static func append(_ record: ChainedRecord, of header: AuditHeader, to bytes: inout [UInt8]) {
        let weight = AuditWeight(record.action)
        let isRefused = weight == .refused
        let fields = [
            "CEF:0", "Piste", "piste", header.engineVersion, record.action,
            "\(record.action) \(record.resource)", weight.cef,
        ]
        for field in fields {
            append(field, inHeader: true, to: &bytes)
            bytes.append(UInt8(ascii: "|"))
        }
        let pairs: [(String, String?)] = [
            ("rt", String(record.atMilliseconds)), ("externalId", String(record.seq)),
            ("suser", record.actor),
            ("duser", record.subject), ("act", record.action), ("outcome", isRefused ? "failure" : "success"),
            ("reason", isRefused ? record.refusalCode : nil),
            ("cs1Label", "company"), ("cs1", header.urlID ?? "piste"),
            ("cs2Label", record.context.map { _ in "context" }), ("cs2", record.context),
            ("cs3Label", "resource"), ("cs3", record.resource),
            ("cs4Label", "hash"), ("cs4", record.hashText),
            ("cs5Label", "previousHash"), ("cs5", record.previousHashText), ("cs6Label", "companyId"),
            ("cs6", header.company), ("cn1Label", "atMicroseconds"), ("cn1", String(record.atMicroseconds)),
            ("msg", record.detail),
        ]
        var isFirst = true
        for (key, value) in pairs {
            guard let value else { continue }
            if !isFirst { bytes.append(UInt8(ascii: " ")) }
            isFirst = false
            bytes += key.utf8
            bytes.append(UInt8(ascii: "="))
            append(value, inHeader: false, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ text: String, inHeader: Bool, to bytes: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": bytes += "\\\\".utf8
            case "|" where inHeader: bytes += "\\|".utf8
            case "=" where !inHeader: bytes += "\\=".utf8
            // A header has no escape for line ends.
            case "\n": bytes += (inHeader ? " " : "\\n").utf8
            case "\r": bytes += (inHeader ? " " : "\\r").utf8
            case _ where JSONText.isHazardous(scalar): bytes += ("\\" + JSONText.escape(scalar)).utf8
            default: bytes += String(scalar).utf8
            }
        }
    }
}
