/// The record of a deletion in the engine's own trail, with all that its hash covers.
public struct DeletionCertificate: Hashable, Sendable {
    /// One JSON object: what the record states, and the record itself as it can be hashed again.
    public let json: String

    package init(json: String) {
        self.json = json
    }
}
