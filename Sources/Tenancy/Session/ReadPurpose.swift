/// What rows are read for; the audit trail calls the read so, for instance `users.export`.
public enum ReadPurpose: String, Sendable {
    /// To be shown.
    case read
    /// To be written into a file.
    case export
}
