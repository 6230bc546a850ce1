import FoundationEssentials

/// What is read out of a record's detail, which is JSON text.
enum AuditDetail {
    /// The text of a member; nil when there is none, or when it is no text.
    static func text(_ key: String, in detail: String) -> String? {
        guard let members = try? JSONDecoder().decode([String: Text].self, from: Data(detail.utf8)) else {
            return nil
        }
        return members[key]?.text
    }

    /// A value of any kind, of which only a text is kept.
    private struct Text: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
