/// The form in which an archive holds a company's rows.
public enum ArchiveFormat: String, CaseIterable, Codable, Hashable, Sendable {
    /// A JSON object a line.
    case jsonl
    /// Comma-separated values with a line of names; every value is quoted, and nothing at all stands for NULL.
    case csv
}
